package io.sluice.api.upstream;

import java.util.List;
import java.util.Map;

/**
 * A response that a plugin's own call received.
 *
 * @param status the status code
 * @param headers lower-case names to their values, in order
 * @param body the whole content
 * @param trailers the fields behind the content (RFC 9110 §6.5), likewise
 */
public record ClientResponse(
    int status,
    Map<String, List<String>> headers,
    byte[] body,
    Map<String, List<String>> trailers) {

  /** A response without trailers. */
  public ClientResponse(int status, Map<String, List<String>> headers, byte[] body) {
    this(status, headers, body, Map.of());
  }
}
