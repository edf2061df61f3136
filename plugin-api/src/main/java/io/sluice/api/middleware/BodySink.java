package io.sluice.api.middleware;

import io.sluice.api.http.Chunk;
import io.sluice.api.http.Headers;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Where a {@link BodyTransform} puts its output. On the exchange's event loop only. */
public interface BodySink {

  /** Passes a chunk on untouched. The sink retains what it needs; the caller keeps its borrow. */
  void write(Chunk chunk);

  /** Copies the remaining octets and passes them on; {@code bytes} is free again afterwards. */
  void write(ByteBuffer bytes);

  /**
   * Whether the next step has room. A transform that makes much out of little should stop at {@code
   * false} and go on in {@link BodyTransform#onDemand}.
   */
  boolean ready();

  /**
   * Ends the body. Called once, in {@link BodyTransform#onEnd} or later.
   *
   * @param trailers the trailer section to send, or null for none
   */
  void end(@Nullable Headers trailers);

  /**
   * Fails the exchange: the client sees a broken message, never a clean end. Before the head went
   * out it sees an error: that of a {@link io.sluice.api.error.ProxyError}, for content that is
   * somebody else's fault, and otherwise 500, with the plugin named in the log.
   */
  void fail(Throwable cause);
}
