package io.sluice.api.middleware;

import io.sluice.api.http.Chunk;
import io.sluice.api.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Changes or watches one body of one exchange, chunk by chunk, under back-pressure. Made for each
 * exchange by {@link Middleware#requestBody} or {@link Middleware#responseBody}; all calls come on
 * the exchange's event loop and must not block. Never made where there is no content (HEAD, 204,
 * 304).
 *
 * <p>Ends with exactly one of {@link #onEnd} and {@link #onAbort}. While one is in place the core
 * drops Content-Length, Content-MD5, Digest, Content-Digest and Repr-Digest from the head, unless
 * {@link #contentLength} declares the new length. ETag is the transform's own business.
 */
public interface BodyTransform {

  /**
   * Whether the head must wait for the first octets of the sink, so that {@link
   * Middleware#onResponse} may still be overruled by what the body shows.
   */
  default boolean holdsHead() {
    return false;
  }

  /** The length of the output in octets, or −1 when not known beforehand. */
  default long contentLength() {
    return -1;
  }

  /** Takes the next octets. The chunk is borrowed for the length of this call. */
  void onChunk(Chunk chunk, BodySink sink);

  /** The sink has room again after {@link BodySink#ready} answered false. */
  default void onDemand(BodySink sink) {}

  /**
   * No more octets come. Calls {@link BodySink#end} now or, after suspending, later.
   *
   * @param trailers the trailer section received, or null
   */
  default void onEnd(@Nullable Headers trailers, BodySink sink) {
    sink.end(trailers);
  }

  /** The exchange failed or was cancelled before the body ended. Frees what is held. */
  default void onAbort() {}
}
