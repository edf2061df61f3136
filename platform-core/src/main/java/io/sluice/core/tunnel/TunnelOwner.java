package io.sluice.core.tunnel;

import org.jspecify.annotations.Nullable;

/** Where a tunnel belongs. Told on the tunnel's event loop, each once. */
public interface TunnelOwner {

  /**
   * It begins.
   *
   * @return what it is to do, good until {@link #ended}; null when there is nothing to do for it
   *     any more, and then it is not told of the end
   */
  @Nullable TunnelPlan opened(TcpTunnel tunnel);

  /** Both its connections are closed. */
  void ended(TcpTunnel tunnel);
}
