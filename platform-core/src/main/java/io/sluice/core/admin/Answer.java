package io.sluice.core.admin;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a caller gets.
 *
 * @param headers beside those that every answer has
 */
record Answer(int status, String contentType, byte[] body, Map<String, String> headers) {

  static final String JSON = "application/json";
  static final String TEXT = "text/plain; charset=utf-8";
  static final String HTML = "text/html; charset=utf-8";

  /** An error as every error looks: {@code {"status": 404, "error": "…"}}. */
  record Fault(int status, String error) {}

  static Answer text(int status, String contentType, String text) {
    return new Answer(status, contentType, text.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  static Answer json(int status, Object value, boolean pretty) {
    return text(status, JSON, JsonWriter.write(value, pretty) + "\n");
  }

  static Answer fault(int status, String error) {
    return json(status, new Fault(status, error), false);
  }

  Answer with(String header, String value) {
    return new Answer(status, contentType, body, Map.of(header, value));
  }
}
