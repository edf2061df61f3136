package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.sluice.core.http.Http2MalformedException;

/**
 * Passes a client's frames, each checked by the decoder, on to the streams they belong to, and
 * opens those. Also judges what the decoder found wrong with one. On the connection's event loop.
 */
final class Http2ClientFrames extends Http2FrameAdapter {

  private final Http2ClientConnection connection;
  private final Http2Connection http2;
  private final ClientSide client;
  private final Http2ClientStreams streams;
  private long requests;

  Http2ClientFrames(
      Http2ClientConnection connection, ClientSide client, Http2ClientStreams streams) {
    this.connection = connection;
    this.client = client;
    this.http2 = connection.connection();
    this.streams = streams;
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext from,
      int id,
      Http2Headers fields,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean end)
      throws Http2Exception {
    Http2Stream stream = http2.stream(id);
    Http2ClientStream known = streams.of(stream);
    try {
      if (known != null) {
        streams.touch(known);
        known.onTrailers(fields);
      } else {
        open(stream, fields, end);
      }
    } catch (Http2MalformedException e) {
      throw Http2Exception.streamError(id, Http2Error.PROTOCOL_ERROR, "%s", e.getMessage());
    }
  }

  private void open(Http2Stream stream, Http2Headers fields, boolean end) {
    countRequest();
    Http2ClientStream taken = streams.take();
    boolean opened = false;
    try {
      taken.open(stream, fields, end);
      opened = true;
    } finally {
      if (!opened) {
        streams.giveBack(taken);
      }
    }
    if (client.ending()) {
      connection.goAwaySoon();
    }
  }

  private void countRequest() {
    if (++requests >= client.config().limits().maxRequests()) {
      connection.goAwaySoon();
    }
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext from, int id, ByteBuf data, int padding, boolean end) {
    int flow = data.readableBytes() + padding;
    Http2Stream stream = http2.stream(id);
    Http2ClientStream known = stream == null ? null : streams.of(stream);
    if (known == null) {
      return flow;
    }
    streams.touch(known);
    return known.onData(data, flow, end);
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext from, Http2Settings settings) {
    connection.onSettings();
  }

  // ---- what is wrong with a stream ----

  void onError(Http2Exception.StreamException wrong) {
    int id = wrong.streamId();
    if (wrong.error() == Http2Error.STREAM_CLOSED && http2.stream(id) == null) {
      onClosedStream(id);
      return;
    }
    boolean tooLarge =
        wrong instanceof Http2Exception.HeaderListSizeException size && size.duringDecode();
    if (!tooLarge || !answersTooLarge(id)) {
      connection.reset(id, error(wrong));
      connection.cancelled();
    }
  }

  /**
   * A field section behind END_STREAM is told apart from one that is malformed (RFC 9113 §5.1);
   * Netty finds both to be one too many.
   */
  private Http2Error error(Http2Exception.StreamException wrong) {
    Http2Stream stream = http2.stream(wrong.streamId());
    boolean behindTheEnd =
        stream != null
            && stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE
            && streams.of(stream) != null
            && String.valueOf(wrong.getMessage()).contains("too many headers");
    return behindTheEnd ? Http2Error.STREAM_CLOSED : wrong.error();
  }

  /** A frame came that only an open stream may have (RFC 9113 §5.1, §5.1.1). */
  private void onClosedStream(int id) {
    switch (streams.ended(id)) {
      case RESET -> {
        // it was on its way
      }
      case ENDED -> connection.fail(Http2Error.STREAM_CLOSED, "frame on a closed stream");
      case UNKNOWN ->
          connection.fail(Http2Error.PROTOCOL_ERROR, "frame on a stream that was never opened");
    }
  }

  /** A section that is too large is answered where it opens a stream (RFC 9113 §10.5.1). */
  private boolean answersTooLarge(int id) {
    if (http2.streamMayHaveExisted(id)) {
      return false;
    }
    try {
      Http2Stream stream = http2.remote().createStream(id, true);
      countRequest();
      streams.take().openRefused(stream);
      return true;
    } catch (Http2Exception e) {
      return false;
    }
  }
}
