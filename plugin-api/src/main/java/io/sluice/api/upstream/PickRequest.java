package io.sluice.api.upstream;

import io.sluice.api.middleware.Exchange;
import org.jspecify.annotations.Nullable;

/** What a balancer may know of the attempt. Valid during the call only, on the exchange's loop. */
public interface PickRequest {

  /** The exchange; null for a plugin's own call, a mirror or a TCP connection. */
  @Nullable Exchange exchange();

  /**
   * Whether an earlier attempt of this exchange used {@code endpoint}, or a limit there is full.
   */
  boolean excluded(Endpoint endpoint);

  /** The client's address without port, or an empty text. */
  String clientIp();
}
