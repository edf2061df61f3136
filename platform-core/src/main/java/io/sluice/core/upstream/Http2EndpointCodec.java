package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DecoratingHttp2FrameWriter;
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
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.sluice.core.http.FrameBudget;

/**
 * The parts that read and write the frames of one connection to an endpoint, with the bounds that
 * hostile ones meet.
 *
 * @param settings what the endpoint is told first (RFC 9113 §6.5.2)
 * @param budget what frames are held against that carry no response
 * @param answers counts what the endpoint made us answer and does not read
 */
record Http2EndpointCodec(
    Http2ConnectionDecoder decoder,
    Http2ConnectionEncoder encoder,
    Http2Settings settings,
    FrameBudget budget,
    Answers answers) {

  /** A response's field section; as for HTTP/1.1. */
  static final int MAX_HEAD_BYTES = 64 * 1024;

  /**
   * CONTINUATION frames that are not full, of one section: none is needed, and each costs more than
   * it carries (the CONTINUATION flood, VU#421644).
   */
  private static final int SMALL_CONTINUATIONS = 16;

  private static final float WINDOW_UPDATE_RATIO = 0.5f;

  static Http2EndpointCodec of(Http2Config config) {
    Http2Connection connection = new DefaultHttp2Connection(false);
    connection
        .remote()
        .flowController(
            new DefaultHttp2RemoteFlowController(
                connection, new UniformStreamByteDistributor(connection)));
    // The window of the connection is given back as octets come, that of a stream as its client
    // takes them: a slow client holds back its own response and nobody else's.
    connection
        .local()
        .flowController(new DefaultHttp2LocalFlowController(connection, WINDOW_UPDATE_RATIO, true));
    FrameBudget budget = new FrameBudget(System::nanoTime);
    Answers answers = new Answers(budget);
    Http2ConnectionEncoder encoder = new DefaultHttp2ConnectionEncoder(connection, answers);
    Http2ConnectionDecoder decoder =
        new DefaultHttp2ConnectionDecoder(
            connection,
            encoder,
            new DefaultHttp2FrameReader(
                new DefaultHttp2HeadersDecoder(true, MAX_HEAD_BYTES), SMALL_CONTINUATIONS));
    Http2Settings settings =
        new Http2Settings()
            .pushEnabled(false)
            .initialWindowSize(config.streamWindow())
            .maxHeaderListSize(MAX_HEAD_BYTES);
    return new Http2EndpointCodec(decoder, encoder, settings, budget, answers);
  }

  /** Writes frames, and counts those that matter to a bound. */
  static final class Answers extends DecoratingHttp2FrameWriter {

    /** Answers to PING and SETTINGS that wait for the socket (CVE-2019-9512, -9515). */
    private static final int MOST = 1000;

    private final FrameBudget budget;
    private final ChannelFutureListener left = sent -> this.waiting--;
    private int waiting;

    private Answers(FrameBudget budget) {
      super(
          new DefaultHttp2FrameWriter(
              new DefaultHttp2HeadersEncoder(
                  (name, value) -> false, true))); // RFC 9113 §10.5.1: the limit is advice
      this.budget = budget;
    }

    /** Whether the endpoint makes us answer and does not read it. */
    boolean unread() {
      return waiting > MOST;
    }

    @Override
    public ChannelFuture writeData(
        ChannelHandlerContext to,
        int stream,
        ByteBuf data,
        int padding,
        boolean end,
        ChannelPromise promise) {
      budget.contentSent();
      return super.writeData(to, stream, data, padding, end, promise);
    }

    @Override
    public ChannelFuture writeSettingsAck(ChannelHandlerContext to, ChannelPromise promise) {
      return super.writeSettingsAck(to, counted(promise));
    }

    @Override
    public ChannelFuture writePing(
        ChannelHandlerContext to, boolean ack, long data, ChannelPromise promise) {
      return super.writePing(to, ack, data, counted(promise));
    }

    @Override
    public ChannelFuture writeRstStream(
        ChannelHandlerContext to, int stream, long errorCode, ChannelPromise promise) {
      return super.writeRstStream(to, stream, errorCode, counted(promise));
    }

    private ChannelPromise counted(ChannelPromise promise) {
      waiting++;
      return promise.unvoid().addListener(left);
    }
  }
}
