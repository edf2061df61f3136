package io.sluice.core.route;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.http.HeaderName;
import io.sluice.api.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An answer that the configuration holds whole. Immutable. */
public final class FixedResponse implements Destination {

  private static final HeaderName CONTENT_TYPE = HeaderName.of("Content-Type");
  private static final HeaderName CONTENT_LENGTH = HeaderName.of("Content-Length");
  private static final Set<String> OWN_FIELDS =
      Set.of(
          "connection",
          "content-length",
          "content-type",
          "keep-alive",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private final int status;
  private final byte[] body;
  private final String contentType;
  private final Map<HeaderName, String> headers;

  private FixedResponse(
      int status, byte[] body, String contentType, Map<HeaderName, String> headers) {
    this.status = status;
    this.body = body;
    this.contentType = contentType;
    this.headers = headers;
  }

  static FixedResponse decode(ConfigSection section) {
    long status = section.integer("status", 200, 599).describe("the status code").orElse(200L);
    String body = section.string("body").describe("the content, sent as UTF-8").orElse("");
    String contentType =
        section
            .string("content-type")
            .describe("the Content-Type of the body")
            .check(FixedResponse::isValue, "a media type")
            .orElse("text/plain; charset=utf-8");
    if (!body.isEmpty() && (status == 204 || status == 205 || status == 304)) {
      section.problem("body", "cannot be sent with status " + status, "no body");
    }
    Map<HeaderName, String> headers =
        section
            .section("headers")
            .describe("header fields to send, by name")
            .optional()
            .map(FixedResponse::headers)
            .orElse(Map.of());
    return new FixedResponse(
        (int) status, body.getBytes(StandardCharsets.UTF_8), contentType, headers);
  }

  private static Map<HeaderName, String> headers(ConfigSection section) {
    Map<HeaderName, String> headers = new LinkedHashMap<>();
    section
        .entries()
        .describe("the value of the header field")
        .orElse(Map.of())
        .forEach(
            (name, value) -> {
              if (!HeaderName.isToken(name)) {
                section.problem(name, "is not a header name", "");
              } else if (OWN_FIELDS.contains(name.toLowerCase(Locale.ROOT))) {
                section.problem(name, "is set by the proxy itself", "another header");
              } else if (!isValue(value)) {
                section.problem(name, "has a control or non-ASCII char", "printable ASCII");
              } else {
                headers.put(HeaderName.of(name), value);
              }
            });
    return headers;
  }

  private static boolean isValue(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }

  /** The status code, 200 to 599. */
  public int status() {
    return status;
  }

  /** The content; shared: never write to it. */
  public byte[] body() {
    return body;
  }

  /** The type of the content, or null without content. */
  public @Nullable String contentType() {
    return body.length == 0 ? null : contentType;
  }

  /** Sets the header fields of the response, Content-Length included where one may be. */
  public void writeTo(Headers target) {
    headers.forEach(target::set);
    if (body.length > 0) {
      target.set(CONTENT_TYPE, contentType);
    }
    if (status != 204 && status != 304) {
      target.set(CONTENT_LENGTH, Integer.toString(body.length));
    }
  }

  @Override
  public String toString() {
    return "respond " + status;
  }
}
