package io.sluice.api.upstream;

import java.util.concurrent.CompletionStage;

/**
 * The way to one endpoint for one probe: a fresh connection with the upstream's own TLS settings,
 * closed when the probe ends or its timeout passes.
 */
public interface ProbeTarget {

  /** The endpoint. */
  Endpoint endpoint();

  /** Sends one HTTP request and reads the response; its content up to 64 KiB. */
  CompletionStage<ClientResponse> http(ClientRequest request);

  /**
   * Connects, sends {@code send}, and reads until {@code maxBytes} came, the other side closed or
   * {@code enough} says so. With nothing to send and {@code maxBytes} 0 it only connects.
   *
   * @param enough asked after each read with all that came so far
   */
  CompletionStage<byte[]> exchange(
      byte[] send, int maxBytes, java.util.function.Predicate<byte[]> enough);
}
