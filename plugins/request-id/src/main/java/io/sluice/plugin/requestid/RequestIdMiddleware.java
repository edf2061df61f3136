package io.sluice.plugin.requestid;

import io.sluice.api.http.HeaderName;
import io.sluice.api.middleware.Attribute;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;

/**
 * Puts an id on the request and, unless told otherwise, the same on the response. An incoming id is
 * kept when its sender may choose it and it is harmless in logs and headers; else it is replaced.
 */
final class RequestIdMiddleware implements Middleware {

  private static final int MAX_LENGTH = 128;

  private final RequestIdConfig config;
  private final HeaderName header;
  private final RandomIds ids;
  private final Attribute<String> chosen;

  RequestIdMiddleware(RequestIdConfig config, RandomIds ids, Attribute<String> chosen) {
    this.config = config;
    this.header = config.header();
    this.ids = ids;
    this.chosen = chosen;
  }

  @Override
  public Flow onRequest(Exchange exchange) {
    String incoming = mayChoose(exchange) ? exchange.request().headers().get(header) : null;
    String id = incoming != null && isHarmless(incoming) ? incoming : ids.next(config.format());
    exchange.request().headers().set(header, id);
    exchange.set(chosen, id);
    return Flow.CONTINUE;
  }

  @Override
  public Flow onResponse(Exchange exchange) {
    String id = exchange.get(chosen);
    if (config.echo() && id != null) {
      exchange.response().headers().set(header, id);
    }
    return Flow.CONTINUE;
  }

  private boolean mayChoose(Exchange exchange) {
    return switch (config.trust()) {
      case ALWAYS -> true;
      case TRUSTED -> exchange.peerIsTrusted();
      case NEVER -> false;
    };
  }

  /** Letters, digits and the punctuation that ids in use have; no quotes, spaces or commas. */
  private static boolean isHarmless(String id) {
    if (id.isEmpty() || id.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean allowed =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "-_.~:/+=@".indexOf(c) >= 0;
      if (!allowed) {
        return false;
      }
    }
    return true;
  }
}
