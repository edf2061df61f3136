package io.sluice.core.listener;

import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.sluice.core.http.FrameBudget;
import io.sluice.core.listener.ListenerConfig.Limits;

/**
 * The parts that read and write the frames of one connection, with the bounds of its listener.
 *
 * @param settings what the client is told first (RFC 9113 §6.5.2)
 */
record Http2Codec(
    Http2ConnectionDecoder decoder,
    Http2ConnectionEncoder encoder,
    Http2Settings settings,
    FrameBuffer frames,
    FrameBudget budget) {

  /**
   * CONTINUATION frames that are not full, of one section: none is needed, and each costs more than
   * it carries (CVE-2024-27316 and its kin).
   */
  private static final int SMALL_CONTINUATIONS = 16;

  /** The part of a window that is given back at once rather than frame by frame. */
  private static final float WINDOW_UPDATE_RATIO = 0.5f;

  static Http2Codec of(ListenerConfig config) {
    Limits limits = config.limits();
    Http2Connection connection = new DefaultHttp2Connection(true);
    connection.remote().maxActiveStreams(limits.maxStreams()); // whether it heard of it or not
    connection
        .remote()
        .flowController(
            new DefaultHttp2RemoteFlowController(
                connection, new UniformStreamByteDistributor(connection)));
    connection
        .local()
        .flowController(
            new DefaultHttp2LocalFlowController(connection, WINDOW_UPDATE_RATIO, false));
    Http2HeadersEncoder headers =
        new DefaultHttp2HeadersEncoder(
            (name, value) -> false, true); // §10.5.1: the limit is advice
    Http2ConnectionEncoder encoder =
        new DefaultHttp2ConnectionEncoder(connection, new DefaultHttp2FrameWriter(headers));
    Http2ConnectionDecoder decoder =
        new DefaultHttp2ConnectionDecoder(
            connection,
            encoder,
            new DefaultHttp2FrameReader(
                new DefaultHttp2HeadersDecoder(true, limits.maxHeaderSize()), SMALL_CONTINUATIONS));
    FrameBudget budget = new FrameBudget(System::nanoTime);
    return new Http2Codec(
        decoder, encoder, settings(config), new FrameBuffer(headers, budget), budget);
  }

  private static Http2Settings settings(ListenerConfig config) {
    Http2Settings settings =
        new Http2Settings()
            .maxConcurrentStreams(config.limits().maxStreams())
            .initialWindowSize(config.limits().streamWindow())
            .maxHeaderListSize(config.limits().maxHeaderSize());
    if (!config.upgrades().isEmpty()) {
      settings.connectProtocolEnabled(true); // RFC 8441 §3
    }
    return settings;
  }
}
