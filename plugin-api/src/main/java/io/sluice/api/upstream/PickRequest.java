package io.sluice.api.upstream;

import io.sluice.api.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** What a balancer may know of the attempt. Valid during the call only, on the exchange's loop. */
public interface PickRequest {

  /** The client's request, which hashing keys come from; null for a TCP connection. */
  @Nullable RequestHead request();

  /**
   * How many attempts of this exchange came before: 0 at the first, more for a retry or a hedge.
   */
  int earlierAttempts();

  /**
   * Whether an earlier attempt of this exchange used {@code endpoint}, or a limit there is full.
   */
  boolean excluded(Endpoint endpoint);

  /** The client's address without port, or an empty text. */
  String clientIp();
}
