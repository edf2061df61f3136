package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Passes the frames of a connection on to the streams they belong to, and counts those that belong
 * to none: an endpoint may send as many as {@link #ALLOWED} at once, {@link #ALLOWED_PER_SECOND}
 * over time, and one more for each frame of a response (RFC 9113 §10.5; CVE-2019-9512 and -9515).
 */
final class Http2EndpointFrames extends Http2FrameAdapter {

  static final int ALLOWED = 1000;
  static final int ALLOWED_PER_SECOND = 100;

  private @Nullable Http2EndpointConnection connection;
  private int left = ALLOWED;
  private long filledNanos = System.nanoTime();

  void to(Http2EndpointConnection made) {
    connection = made;
  }

  private Http2EndpointConnection connection() {
    Http2EndpointConnection to = connection;
    if (to == null) {
      throw new IllegalStateException("a frame before the connection");
    }
    return to;
  }

  private void earn() {
    if (left < ALLOWED) {
      left++;
    }
  }

  private void spend() throws Http2Exception {
    if (left == 0) {
      long now = System.nanoTime();
      long seconds = TimeUnit.NANOSECONDS.toSeconds(now - filledNanos);
      if (seconds == 0) {
        throw Http2Exception.connectionError(
            Http2Error.ENHANCE_YOUR_CALM, "too many frames that belong to no response");
      }
      left = (int) Math.min(ALLOWED, seconds * ALLOWED_PER_SECOND);
      filledNanos = now;
    }
    left--;
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream) {
    earn();
    Http2EndpointStream stream = connection().stream(streamId);
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
      boolean endOfStream) {
    earn();
    Http2EndpointStream stream = connection().stream(streamId);
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
      boolean endOfStream) {
    onHeadersRead(ctx, streamId, headers, padding, endOfStream);
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) {
    Http2EndpointStream stream = connection().stream(streamId);
    if (stream != null) {
      stream.onReset(errorCode);
    }
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings)
      throws Http2Exception {
    spend();
    connection().onSettings(settings);
  }

  @Override
  public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
    spend();
  }

  @Override
  public void onPriorityRead(
      ChannelHandlerContext ctx,
      int streamId,
      int streamDependency,
      short weight,
      boolean exclusive)
      throws Http2Exception {
    spend();
  }

  @Override
  public void onUnknownFrame(
      ChannelHandlerContext ctx, byte frameType, int streamId, Http2Flags flags, ByteBuf payload) {
    try {
      spend();
    } catch (Http2Exception e) {
      connection().onError(ctx, false, e);
    }
  }
}
