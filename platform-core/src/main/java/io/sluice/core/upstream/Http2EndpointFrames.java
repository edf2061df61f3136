package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;

/** Passes the frames of a connection on to the streams they belong to. */
final class Http2EndpointFrames extends Http2FrameAdapter {

  private final Http2EndpointConnection connection;

  Http2EndpointFrames(Http2EndpointConnection connection) {
    this.connection = connection;
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream) {
    Http2EndpointStream stream = connection.stream(streamId);
    return stream == null
        ? data.readableBytes() + padding
        : stream.onData(data, padding, endOfStream);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int padding,
      boolean endOfStream)
      throws Http2Exception {
    if ((streamId & 1) == 0) {
      // the codec would keep it open, and as many of them as an endpoint cares to begin
      throw Http2Exception.connectionError(
          Http2Error.PROTOCOL_ERROR, "an endpoint begins no streams (RFC 9113 §8.4)");
    }
    Http2EndpointStream stream = connection.stream(streamId);
    if (stream != null) {
      stream.onHeaders(headers, endOfStream);
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int streamDependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endOfStream)
      throws Http2Exception {
    onHeadersRead(ctx, streamId, headers, padding, endOfStream);
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) {
    Http2EndpointStream stream = connection.stream(streamId);
    if (stream != null) {
      stream.onReset(errorCode);
    }
  }

  @Override
  public void onWindowUpdateRead(ChannelHandlerContext ctx, int streamId, int increment) {
    Http2EndpointStream stream = streamId == 0 ? null : connection.stream(streamId);
    if (stream != null) {
      stream.onWindow(increment);
    }
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
    connection.onSettings(settings);
  }
}
