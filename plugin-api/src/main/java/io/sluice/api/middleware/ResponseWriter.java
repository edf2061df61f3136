package io.sluice.api.middleware;

import java.nio.ByteBuffer;

/**
 * Streams the content of a response that a plugin makes itself. May be used from any thread, by one
 * thread at a time; never blocks. Once the exchange has ended, everything here does nothing.
 */
public interface ResponseWriter {

  /** Copies the remaining octets and sends them. */
  void write(ByteBuffer bytes);

  /** Whether the client keeps up. At {@code false} stop, and ask {@link #whenReady}. */
  boolean ready();

  /**
   * Runs {@code task} once, on the exchange's loop, as soon as there is room or the client is gone.
   */
  void whenReady(Runnable task);

  /** Ends the content. */
  void end();

  /** Breaks the response off: the client never sees a clean end. */
  void fail(Throwable cause);
}
