package io.sluice.core.upstream;

import org.jspecify.annotations.Nullable;

/** A connection as its {@link LoopPool} sees it. On the pool's event loop. */
interface PooledConnection {

  /** The endpoint at the other end. */
  EndpointState endpoint();

  /** Whether it has served a request before. */
  boolean reused();

  /** Whether it could serve a request now, apart from {@link #room}. */
  boolean usable();

  /** How many more requests it takes at once, beside those it serves. */
  int room();

  /** Whether it can serve several at once. */
  boolean multiplexed();

  /** Whether a request on it may change to {@code upgrade}, where that is not null. */
  boolean takes(@Nullable String upgrade);

  /** Whether it serves none. */
  boolean unused();

  /** Serves one more. Only where there is {@link #room}. */
  UpstreamStream open();

  /** Nobody uses it: it closes by itself after {@code nanos}. */
  void idleFor(long nanos);

  /** Its TLS; null for plaintext. */
  @Nullable Secured secured();

  /** Closes it, whatever it serves. */
  void close();
}
