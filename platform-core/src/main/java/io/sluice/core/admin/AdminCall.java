package io.sluice.core.admin;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call, copied from the request so that it may be used on any thread.
 *
 * @param method GET for HEAD too
 * @param path decoded segments; none for {@code /}
 * @param wild the segments that stood for a placeholder of the route, in order
 */
record AdminCall(
    String method,
    List<String> path,
    List<String> wild,
    Map<String, List<String>> query,
    HttpHeaders headers,
    String body) {

  /** The only value of a query parameter, or null without one. */
  @Nullable String parameter(String name) {
    List<String> values = query.getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw new IllegalArgumentException("the parameter " + name + " is given more than once");
    }
    return values.isEmpty() ? null : values.get(0);
  }

  /** A parameter that must be there. */
  String required(String name) {
    @Nullable String value = parameter(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException("the parameter " + name + " is missing");
    }
    return value;
  }

  /** Whether answers are to be laid out for people. */
  boolean pretty() {
    List<String> values = query.getOrDefault("pretty", List.of());
    return !values.isEmpty() && !values.get(0).equals("0") && !values.get(0).equals("false");
  }

  /** Whether the Accept field names a media type. */
  boolean accepts(String mediaType) {
    return headers.getAll("accept").stream().anyMatch(line -> line.contains(mediaType));
  }

  AdminCall matching(List<String> segments) {
    return new AdminCall(method, path, segments, query, headers, body);
  }

  /** Splits the path first and decodes each segment then: an encoded slash separates nothing. */
  static List<String> segments(String rawPath) {
    if (rawPath.equals("/")) {
      return List.of();
    }
    return List.of(rawPath.substring(1).split("/", -1)).stream()
        .map(segment -> QueryStringDecoder.decodeComponent(segment.replace("+", "%2B")))
        .toList();
  }
}
