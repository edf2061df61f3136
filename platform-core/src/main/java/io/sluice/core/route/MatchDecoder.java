package io.sluice.core.route;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.http.HeaderName;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.http.Cidr;
import io.sluice.core.http.PathNormalizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the {@code match} block of a route. */
final class MatchDecoder {

  /** The value that stands for any. */
  private static final String ANY = "*";

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

  private final ConfigSection match;

  private MatchDecoder(ConfigSection match) {
    this.match = match;
  }

  static RouteMatch decode(ConfigSection match) {
    return new MatchDecoder(match).decode();
  }

  private RouteMatch decode() {
    return new RouteMatch(
        hosts(),
        paths(),
        list("methods", "the request's method", MatchDecoder::method, "methods such as GET")
            .map(MethodCondition::new)
            .orElse(null),
        headers(),
        query(),
        list("client", "address blocks with the client in one of them", Cidr::parse, "CIDR blocks")
            .map(ClientCondition::new)
            .orElse(null),
        list("listener", "names of listeners", Function.identity(), "names of listeners")
            .map(ListenerCondition::new)
            .orElse(null),
        ClientCertificateDecoder.decode(LocatedSection.of(match)));
  }

  private @Nullable HostCondition hosts() {
    List<HostPattern> hosts =
        list(
                "host",
                "the host that is asked for, without port; *.example.com takes all below one",
                text -> text.equals(HostPattern.ANY) ? EVERY_HOST : HostPattern.parse(text),
                "host names, or *. and a host name")
            .orElse(List.of());
    return hosts.isEmpty() || hosts.contains(EVERY_HOST) ? null : new HostCondition(hosts);
  }

  private static final HostPattern EVERY_HOST = new HostPattern(true, "");

  private @Nullable PathCondition paths() {
    List<PathPattern> patterns = new ArrayList<>();
    read("path", "a path that matches exactly", t -> new PathPattern.Exact(path(t)), patterns);
    read(
        "path-prefix",
        "a path that matches with all whole segments below it; with a slash at its end, only those",
        text -> new PathPattern.Prefix(path(text)),
        patterns);
    read(
        "path-regex",
        "a regular expression (RE2) that is searched for in the path; anchor it with ^ and $",
        text -> new PathPattern.Regex(regex(text)),
        patterns);
    long kinds = patterns.stream().map(PathPattern::getClass).distinct().count();
    if (kinds > 1) {
      match.problem(
          "", "asks for the path in more than one way", "one of path, path-prefix, path-regex");
    }
    return patterns.isEmpty() ? null : new PathCondition(List.copyOf(patterns));
  }

  private void read(
      String key,
      String meaning,
      Function<String, ? extends PathPattern> parse,
      List<PathPattern> patterns) {
    String expected = key.equals("path-regex") ? "RE2 syntax" : "paths that begin with a slash";
    list(key, meaning, parse, expected).ifPresent(patterns::addAll);
  }

  /** {@code text} as requests have it: octets that a path may not have are escaped. */
  static String path(String text) {
    StringBuilder escaped = new StringBuilder();
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      if (octet <= ' ' || octet == 0x7f) {
        escaped.append(String.format(Locale.ROOT, "%%%02X", octet & 0xff));
      } else {
        escaped.append((char) octet);
      }
    }
    String path = PathNormalizer.normalize(escaped.toString(), true);
    if (path == null) {
      throw new IllegalArgumentException("\"" + text + "\" is not a path that a request can have");
    }
    return path;
  }

  static Pattern regex(String text) {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a regular expression: " + e.getDescription(), e);
    }
  }

  private static String method(String text) {
    String upperCase = text.toUpperCase(Locale.ROOT);
    if (!HeaderName.isToken(text) || (METHODS.contains(upperCase) && !text.equals(upperCase))) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a method; methods are upper case");
    }
    return text;
  }

  private List<HeaderCondition> headers() {
    List<HeaderCondition> conditions = new ArrayList<>();
    Optional<ConfigSection> headers =
        match
            .section("headers")
            .describe("header names, each with the value or values to match whole, or * for any")
            .optional();
    headers.ifPresent(
        section -> {
          for (String key : section.keys()) {
            List<String> values = values(section, key);
            if (HeaderName.isToken(key)) {
              conditions.add(new HeaderCondition(HeaderName.of(key), values));
            } else {
              section.problem(key, "is not a header name", "");
            }
          }
        });
    return List.copyOf(conditions);
  }

  private List<QueryCondition> query() {
    List<QueryCondition> conditions = new ArrayList<>();
    Optional<ConfigSection> query =
        match
            .section("query")
            .describe("query parameters, each with the value or values to match, or * for any")
            .optional();
    query.ifPresent(
        section -> {
          for (String key : section.keys()) {
            conditions.add(new QueryCondition(octets(key), values(section, key)));
          }
        });
    return List.copyOf(conditions);
  }

  /** The values at {@code key}, one char per octet; none where any will do. */
  private static List<String> values(ConfigSection section, String key) {
    List<String> values =
        section
            .strings(key)
            .describe("the value or values")
            .<List<String>>map(
                list -> parse(list, MatchDecoder::octets), "at least one value", List.of(ANY))
            .required();
    return values.contains(ANY) ? List.of() : values;
  }

  private static String octets(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private <T> Optional<List<T>> list(
      String key, String meaning, Function<String, ? extends T> parse, String expected) {
    return list(match, key, meaning, parse, expected);
  }

  /** A key with one value or several, of which one is enough. */
  static <T> Optional<List<T>> list(
      ConfigSection block,
      String key,
      String meaning,
      Function<String, ? extends T> parse,
      String expected) {
    return block
        .strings(key)
        .describe(meaning)
        .<List<T>>map(texts -> parse(texts, parse), expected, List.of())
        .optional();
  }

  private static <T> List<T> parse(List<String> texts, Function<String, ? extends T> parse) {
    if (texts.isEmpty()) {
      throw new IllegalArgumentException("is empty, which would match nothing");
    }
    return List.copyOf(texts.stream().map(parse).toList());
  }
}
