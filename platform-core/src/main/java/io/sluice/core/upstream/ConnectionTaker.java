package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sluice.api.error.ErrorKind;
import org.jspecify.annotations.Nullable;

/** Someone who wants a connection to an endpoint. Called on its event loop. */
public interface ConnectionTaker {

  /** Whether it still does; asked before a connection is handed over or made. */
  boolean wanted();

  /** Whether it would rather queue than have none; asked where a limit is reached. */
  default boolean mayWait() {
    return true;
  }

  /**
   * The protocol that the request asks to change to (RFC 9110 §7.8), or null: then a connection
   * that cannot do that will not do where another can be had.
   */
  default @Nullable String upgrade() {
    return null;
  }

  /**
   * What the endpoint is sent on a new connection before anything else, TLS included, or null. The
   * caller's.
   */
  default @Nullable ByteBuf preamble(ByteBufAllocator allocator) {
    return null;
  }

  /** Here is one, ready for a request: the taker's until {@link UpstreamStream} says otherwise. */
  void onConnection(UpstreamStream connection);

  /** There is none: it could not be made, or a limit or the queue is full. */
  void onUnavailable(ErrorKind kind);
}
