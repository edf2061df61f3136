package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.ParsedResponse;
import org.jspecify.annotations.Nullable;

/**
 * Who hears the response of one request on an {@link UpstreamStream}. Called on its event loop;
 * {@link #onEnd} or {@link #onFailure} is the last call.
 */
public interface ResponseReceiver {

  /**
   * The most 1xx before a final head; more are no proper response. As in CPython's {@code
   * http.client} and Ruby's {@code net/http}. Go's five were too few for endpoints that tell the
   * progress of an upload (golang/go#65035).
   */
  int MAX_INFORMATIONAL = 100;

  /** A 1xx other than 101. */
  void onInformational(ParsedResponse head);

  /** The final head, or 101. */
  void onHead(ParsedResponse head);

  /** Content. The receiver releases it. */
  void onData(ByteBuf data);

  /** The response is whole. The connection is no longer the receiver's. */
  void onEnd(@Nullable ByteHeaders trailers);

  /** What a failure says about the request. */
  enum Fate {
    /** The endpoint may have acted on it. */
    UNKNOWN,
    /**
     * A connection that had been idle turned out to be closed by the other side, with not one octet
     * of response: the endpoint has probably not seen it (RFC 9112 §9.3.1).
     */
    STALE,
    /** The endpoint did not get to it before its GOAWAY (RFC 9113 §6.8), or it never left. */
    UNPROCESSED,
    /** The endpoint turned it away untouched, by REFUSED_STREAM (RFC 9113 §8.7). */
    REFUSED
  }

  /** The connection or the stream broke, or its octets were refused. It is gone. */
  void onFailure(ErrorKind kind, Fate fate);

  /** There is room for request content again, or no more. */
  void onWritability(boolean writable);

  /** A burst of reads is over: flush what came of it. */
  void onReadComplete();
}
