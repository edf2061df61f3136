package io.sluice.api.upstream;

import java.util.concurrent.CompletionStage;

/**
 * Non-blocking calls through an upstream, with its pool, balancer, health and TLS: for forward
 * authentication, key sets, mirrors and exporters. From any thread.
 */
public interface UpstreamClient {

  /**
   * Sends one request.
   *
   * @return completes on any thread; exceptionally with a {@link io.sluice.api.error.ProxyError}
   */
  CompletionStage<ClientResponse> send(ClientRequest request);
}
