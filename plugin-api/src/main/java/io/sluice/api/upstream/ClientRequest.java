package io.sluice.api.upstream;

import java.time.Duration;
import java.util.Map;

/**
 * A request that a plugin sends through an upstream.
 *
 * @param method the method
 * @param target path and query, beginning with a slash
 * @param headers field lines; Host defaults to the endpoint's authority
 * @param body content; may be empty
 * @param timeout for the whole call
 * @param maxResponseBytes the most content kept; more fails the call
 */
public record ClientRequest(
    String method,
    String target,
    Map<String, String> headers,
    byte[] body,
    Duration timeout,
    int maxResponseBytes) {

  /** A GET with no content of its own, 10 s of time and room for 1 MiB. */
  public static ClientRequest get(String target) {
    return new ClientRequest("GET", target, Map.of(), new byte[0], Duration.ofSeconds(10), 1 << 20);
  }
}
