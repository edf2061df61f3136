package io.sluice.plugin.cors;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HeaderName;
import io.sluice.api.http.Headers;
import io.sluice.api.http.RequestHead;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of the CORS protocol (Fetch standard, "CORS protocol"). Preflights are answered
 * here and never reach the upstream: 204 for an allowed origin, 403 without any CORS header for
 * another. On every other response the upstream's own CORS headers give way to the configured ones.
 *
 * <p>Unless the one answer for all is {@code *}, every response says {@code Vary: Origin}, also
 * that to a request without Origin: a cache would otherwise hand it to a page that may not read it.
 */
final class CorsMiddleware implements Middleware {

  private static final HeaderName ORIGIN = HeaderName.of("Origin");
  private static final HeaderName VARY = HeaderName.of("Vary");
  private static final HeaderName REQUEST_METHOD = HeaderName.of("Access-Control-Request-Method");
  private static final HeaderName REQUEST_HEADERS = HeaderName.of("Access-Control-Request-Headers");
  private static final HeaderName REQUEST_PRIVATE =
      HeaderName.of("Access-Control-Request-Private-Network");
  private static final HeaderName ALLOW_ORIGIN = HeaderName.of("Access-Control-Allow-Origin");
  private static final HeaderName ALLOW_CREDENTIALS =
      HeaderName.of("Access-Control-Allow-Credentials");
  private static final HeaderName ALLOW_METHODS = HeaderName.of("Access-Control-Allow-Methods");
  private static final HeaderName ALLOW_HEADERS = HeaderName.of("Access-Control-Allow-Headers");
  private static final HeaderName EXPOSE_HEADERS = HeaderName.of("Access-Control-Expose-Headers");
  private static final HeaderName MAX_AGE = HeaderName.of("Access-Control-Max-Age");
  private static final HeaderName ALLOW_PRIVATE =
      HeaderName.of("Access-Control-Allow-Private-Network");

  private static final String PREFLIGHT_VARY =
      "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

  private final CorsConfig config;
  private final String maxAgeSeconds;

  CorsMiddleware(CorsConfig config) {
    this.config = config;
    this.maxAgeSeconds = Long.toString(config.maxAge().toSeconds());
  }

  @Override
  public Flow onRequest(Exchange exchange) {
    RequestHead request = exchange.request();
    String origin = request.headers().get(ORIGIN);
    if (origin == null || !isPreflight(request)) {
      return Flow.CONTINUE;
    }
    if (!config.origins().contains(origin)) {
      return exchange.refuse(ErrorKind.DENIED, Map.of(VARY.toString(), PREFLIGHT_VARY));
    }
    return exchange.respond(204, preflightAnswer(request, origin), new byte[0]);
  }

  private Map<String, String> preflightAnswer(RequestHead request, String origin) {
    Map<String, String> answer = new LinkedHashMap<>();
    answer.put(ALLOW_ORIGIN.toString(), config.origins().isAny() ? CorsConfig.ANY : origin);
    if (config.credentials()) {
      answer.put(ALLOW_CREDENTIALS.toString(), "true");
    }
    put(answer, ALLOW_METHODS, config.methods(), request.headers().get(REQUEST_METHOD));
    put(answer, ALLOW_HEADERS, config.headers(), request.headers().get(REQUEST_HEADERS));
    answer.put(MAX_AGE.toString(), maxAgeSeconds);
    if (config.privateNetwork() && request.headers().contains(REQUEST_PRIVATE)) {
      answer.put(ALLOW_PRIVATE.toString(), "true");
    }
    answer.put(VARY.toString(), PREFLIGHT_VARY);
    return answer;
  }

  /** Puts what is configured; for {@code *} what was asked, since credentials rule out a star. */
  private static void put(
      Map<String, String> answer, HeaderName name, String configured, @Nullable String asked) {
    String value = configured.equals(CorsConfig.ANY) ? asked : configured;
    if (value != null && !value.isEmpty() && isTokenList(value)) {
      answer.put(name.toString(), value);
    }
  }

  private static boolean isTokenList(String value) {
    for (String member : value.split(",", -1)) {
      if (!HeaderName.isToken(member.strip())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Flow onResponse(Exchange exchange) {
    RequestHead request = exchange.request();
    Headers headers = exchange.response().headers();
    boolean preflight = isPreflight(request) && request.headers().contains(ORIGIN);
    headers.remove(ALLOW_ORIGIN);
    headers.remove(ALLOW_CREDENTIALS);
    headers.remove(EXPOSE_HEADERS);
    if (!preflight) {
      headers.remove(ALLOW_METHODS);
      headers.remove(ALLOW_HEADERS);
      headers.remove(MAX_AGE);
      headers.remove(ALLOW_PRIVATE);
    }
    if (config.origins().isAny()) {
      headers.set(ALLOW_ORIGIN, CorsConfig.ANY);
    } else {
      addVary(headers);
      String origin = request.headers().get(ORIGIN);
      if (origin == null || !config.origins().contains(origin)) {
        return Flow.CONTINUE;
      }
      headers.set(ALLOW_ORIGIN, origin);
      if (config.credentials()) {
        headers.set(ALLOW_CREDENTIALS, "true");
      }
    }
    if (!preflight && !config.exposed().isEmpty()) {
      headers.set(EXPOSE_HEADERS, config.exposed());
    }
    return Flow.CONTINUE;
  }

  private static void addVary(Headers headers) {
    if (!headers.containsToken(VARY, "Origin") && !headers.containsToken(VARY, "*")) {
      headers.add(VARY, "Origin");
    }
  }

  /** "CORS-preflight request" of the Fetch standard, as a server can tell it. */
  private static boolean isPreflight(RequestHead request) {
    return request.method().equals("OPTIONS") && request.headers().contains(REQUEST_METHOD);
  }
}
