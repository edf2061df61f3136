package io.sluice.core.upstream;

import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Settings;
import io.sluice.core.transport.LoopContext;
import org.jspecify.annotations.Nullable;

/** Makes the codec of a connection to an endpoint, with the bounds that hostile ones meet. */
final class Http2ConnectionBuilder
    extends AbstractHttp2ConnectionHandlerBuilder<Http2EndpointConnection, Http2ConnectionBuilder> {

  /** A response's field section; as for HTTP/1.1. */
  static final int MAX_HEAD_BYTES = 64 * 1024;

  /**
   * CONTINUATION frames that are not full, of one section: none is needed, and each costs more than
   * it carries (the CONTINUATION flood, VU#421644).
   */
  private static final int SMALL_CONTINUATIONS = 16;

  /** DATA frames without content in a row (CVE-2019-9518). */
  private static final int EMPTY_FRAMES = 10;

  /** Answers to PING and SETTINGS that the endpoint does not read (CVE-2019-9512, -9515). */
  private static final int QUEUED_ANSWERS = 1000;

  private static final float WINDOW_UPDATE_RATIO = 0.5f;

  /** How long GOAWAY may take to leave before the socket is closed all the same. */
  private static final long CLOSING_MILLIS = 2000;

  private final Http2Owner owner;
  private final EndpointState endpoint;
  private final LoopContext loop;
  private final Http2Config config;
  private final @Nullable Secured tls;

  Http2ConnectionBuilder(
      Http2Owner owner,
      EndpointState endpoint,
      LoopContext loop,
      Http2Config config,
      @Nullable Secured tls) {
    this.owner = owner;
    this.endpoint = endpoint;
    this.loop = loop;
    this.config = config;
    this.tls = tls;
  }

  /** A handler for the end of a pipeline. */
  Http2EndpointConnection make() {
    Http2Connection connection = new DefaultHttp2Connection(false);
    // The window of the connection is given back as octets come, that of a stream as its client
    // takes them: a slow client holds back its own response and nobody else's.
    connection
        .local()
        .flowController(new DefaultHttp2LocalFlowController(connection, WINDOW_UPDATE_RATIO, true));
    connection(connection);
    initialSettings(
        new Http2Settings()
            .pushEnabled(false)
            .initialWindowSize(config.streamWindow())
            .maxHeaderListSize(MAX_HEAD_BYTES));
    frameListener(new Http2EndpointFrames());
    encoderIgnoreMaxHeaderListSize(true); // RFC 9113 §10.5.1: that limit is advice
    encoderEnforceMaxQueuedControlFrames(QUEUED_ANSWERS);
    decoderEnforceMaxConsecutiveEmptyDataFrames(EMPTY_FRAMES);
    decoderEnforceMaxRstFramesPerWindow(0, 0); // an endpoint resets only what we began
    encoderEnforceMaxRstFramesPerWindow(0, 0); // and clients that leave are none of its doing
    flushPreface(false);
    gracefulShutdownTimeoutMillis(CLOSING_MILLIS);
    return build();
  }

  @Override
  protected int decoderEnforceMaxSmallContinuationFrames() {
    return SMALL_CONTINUATIONS;
  }

  @Override
  protected Http2EndpointConnection build(
      Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
    Http2EndpointConnection made =
        new Http2EndpointConnection(
            new Http2EndpointConnection.Codec(decoder, encoder, settings),
            owner,
            endpoint,
            new Http2Liveness(loop, config),
            config,
            tls);
    if (frameListener() instanceof Http2EndpointFrames frames) {
      frames.to(made);
    }
    return made;
  }
}
