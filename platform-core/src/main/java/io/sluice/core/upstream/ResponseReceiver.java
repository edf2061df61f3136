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

  /** A 1xx other than 101. */
  void onInformational(ParsedResponse head);

  /** The final head, or 101. */
  void onHead(ParsedResponse head);

  /** Content. The receiver releases it. */
  void onData(ByteBuf data);

  /** The response is whole. The connection is no longer the receiver's. */
  void onEnd(@Nullable ByteHeaders trailers);

  /**
   * The connection broke, or its octets were refused. The connection is gone.
   *
   * @param stale whether a connection that had been idle turned out to be closed by the other side,
   *     with not one octet of response
   */
  void onFailure(ErrorKind kind, boolean stale);

  /** The socket's buffer has room again, or no more. */
  void onWritability(boolean writable);

  /** A burst of reads is over: flush what came of it. */
  void onReadComplete();
}
