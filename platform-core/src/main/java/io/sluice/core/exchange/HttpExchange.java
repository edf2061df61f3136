package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.middleware.ResponseWriter;
import io.sluice.api.middleware.Resumption;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.UpstreamStream;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state machine of one exchange; see {@link Phase} for its table. One for each downstream
 * connection or stream, reused from exchange to exchange, always on the same event loop.
 *
 * <p>The downstream side calls {@link #begin} and then tells what the client does. Its parts, made
 * once with it, each own one stretch of the way:
 *
 * <pre>
 *   {@link MiddlewareChain}  REQUEST, RESPONSE   the steps that decide, and {@link Suspension}
 *   {@link SideSteps}        all                 the steps that only see or edit
 *   {@link LocalAnswer}      REQUEST, FORWARDING answers that no endpoint gives
 *   {@link Forwarding}       FORWARDING          {@link Attempts} and {@link RequestSender}
 *   {@link Responding}       RESPONSE, STREAMING head and content on the way to the client
 *   {@link Tunnel}           TUNNEL              what follows a 101
 *   {@link Ending}           ENDED               who hears of the outcome
 * </pre>
 *
 * <p>Whatever happens, {@link Ending#end} runs exactly once.
 */
public final class HttpExchange extends ExchangeView {

  private static final Logger log = LoggerFactory.getLogger(HttpExchange.class);
  private static final int SAMPLE = 64;

  final RequestSender requestSender = new RequestSender(this);
  final ResponseSender responseSender = new ResponseSender(this);
  final Attempts attempts = new Attempts(this);
  final MiddlewareChain chain = new MiddlewareChain(this);
  final Suspension suspension = new Suspension(this);
  final SideSteps sideSteps = new SideSteps(this);
  final LocalAnswer answer = new LocalAnswer(this);
  final Forwarding forwarding = new Forwarding(this);
  final Responding responding = new Responding(this);
  final Tunnel tunnel = new Tunnel(this);
  final Ending ending = new Ending(this);

  /** For whatever the exchange waits for at present. */
  final Deadline stepDeadline;

  /** For the exchange as a whole. */
  final Deadline requestDeadline;

  private Phase phase = Phase.IDLE;
  private @Nullable ProxyError failure;
  private int begun;

  /** An exchange for {@code downstream}, between exchanges. */
  public HttpExchange(Downstream downstream) {
    super(downstream);
    LoopContext loop = downstream.loop();
    this.stepDeadline = new Deadline(loop.deadlines(), this::onStepDeadline);
    this.requestDeadline = new Deadline(loop.deadlines(), this::onRequestDeadline);
  }

  // ---- the downstream side ----

  /**
   * A request head came, accepted by the framing guard.
   *
   * @param generation what to serve it with; pinned until the end
   * @param startNanos when its first octet came
   */
  public void begin(Generation generation, ParsedRequest head, long startNanos) {
    ready(generation, head, startNanos);
    begun++;
    chain.begin(generation.listeners().get(downstream.listenerIndex()).chain());
    chain.runRequest();
  }

  /**
   * What came is no request that the framing guard accepts: answers it, with no middleware run.
   *
   * @param head as much as was read of it
   */
  public void refuse(
      Generation generation, ParsedRequest head, long startNanos, ErrorKind kind, String reason) {
    ready(generation, head, startNanos);
    chain.beginWithout();
    fail(kind, new ProxyError(kind, false, reason, null));
  }

  private void ready(Generation generation, ParsedRequest head, long startNanos) {
    enter(Phase.REQUEST);
    generation.pin(loop());
    start(generation, head, startNanos);
    requestSender.begin(head);
    responseSender.begin();
    attempts.begin();
    answer.begin();
    failure = null;
  }

  /** Request content; takes it over. */
  public void onRequestData(ByteBuf data) {
    if (phase == Phase.TUNNEL) {
      tunnel.received(data);
      return;
    }
    if (!active()) {
      data.release();
      return;
    }
    requestSender.received(data);
    if (requestSender.body().holding()) {
      if (requestSender.body().overflown()) {
        fail(ErrorKind.BODY_TOO_LARGE, null);
      }
      return;
    }
    forwarding.pump();
  }

  /** The request is whole. */
  public void onRequestEnd(@Nullable ByteHeaders trailers) {
    if (!active()) {
      return;
    }
    requestSender.receivedEnd(trailers);
    if (requestSender.body().holding()) {
      suspension.gather();
    } else {
      forwarding.pump();
    }
  }

  /** A burst of reads is over: sends what came of it. */
  public void onRequestReadComplete() {
    UpstreamStream connection = attempts.connection();
    if (connection != null) {
      connection.flush();
    }
    forgetClock();
  }

  /** Whether request content is welcome. */
  public boolean wantsRequestData() {
    UpstreamStream connection = attempts.connection();
    if (phase == Phase.TUNNEL) {
      return connection != null && connection.writable();
    }
    return requestSender.body().hasRoom() && (connection == null || connection.writable());
  }

  /** The framing guard or a deadline of the listener refuses the rest of the request. */
  public void onRequestRefused(ErrorKind kind, String reason) {
    if (phase.beforeHead() || phase == Phase.STREAMING) {
      fail(kind, new ProxyError(kind, false, reason, null));
    }
  }

  /** The client is gone. */
  public void onCancelled() {
    if (!active()) {
      return;
    }
    if (phase == Phase.TUNNEL) {
      tunnel.cancelled();
      ending.end(Outcome.Result.COMPLETED);
    } else {
      attempts.cancel();
      ending.end(Outcome.Result.CANCELLED);
    }
  }

  /** The client of a tunnel ended its TLS; it is gone next. */
  public void onTunnelLeft() {
    tunnel.clientSaidClose();
  }

  /** The process ends before the exchange does. */
  public void onShutdown() {
    if (phase == Phase.TUNNEL) {
      tunnel.shutDown();
    } else {
      downstream.abort();
    }
  }

  /** The client half-closed a tunnel. */
  public void onTunnelInputEnded() {
    if (phase == Phase.TUNNEL) {
      tunnel.inputEnded();
    }
  }

  /** The client's socket has room again, or no more. */
  public void onDownstreamWritability(boolean writable) {
    UpstreamStream connection = attempts.connection();
    if (writable) {
      responseSender.demand();
      answer.roomCame();
      if (phase == Phase.STREAMING) {
        downstream.flush();
      }
      if (connection != null && (phase == Phase.STREAMING || phase == Phase.TUNNEL)) {
        connection.resume();
      }
    } else if (connection != null) {
      connection.pause();
    }
  }

  /** When the last exchange ended. */
  public long endNanos() {
    return now();
  }

  /** Whether an exchange is under way. */
  public boolean active() {
    return phase != Phase.IDLE && phase != Phase.ENDED;
  }

  /** Whether the response's head has been sent. */
  public boolean headSent() {
    return responseSender.headSent();
  }

  /** Whether the request half is over. */
  public boolean requestComplete() {
    return requestSender.body().complete();
  }

  /** Makes ready for the next one, after the end. */
  public void reset() {
    enter(Phase.IDLE);
  }

  /** The connection goes away for good: takes the deadlines off the wheel. */
  public void dispose() {
    stepDeadline.remove();
    requestDeadline.remove();
    attempts.dispose();
  }

  // ---- what plugins call ----

  @Override
  public Resumption suspend(Duration deadline) {
    return suspension.suspend(deadline);
  }

  @Override
  public void bufferRequest(int maxBytes, Resumption resumption) {
    suspension.bufferRequest(maxBytes, resumption);
  }

  @Override
  public Flow respond(int status, Map<String, String> headers, byte[] body) {
    return answer.respond(status, headers, body);
  }

  @Override
  public Flow respondStreaming(
      int status, Map<String, String> headers, Consumer<ResponseWriter> started) {
    return answer.respondStreaming(status, headers, started);
  }

  @Override
  public Flow refuse(ErrorKind kind, Map<String, String> headers) {
    failure = new ProxyError(kind, false, "", null);
    return answer.refuse(kind, headers);
  }

  @Override
  int attemptsMade() {
    return attempts.made();
  }

  @Override
  boolean triedOrFull(EndpointState endpoint) {
    return attempts.tried(endpoint);
  }

  @Override
  @Nullable ByteBuf buffered() {
    return requestSender.body().whole();
  }

  // ---- its parts ----

  Phase phase() {
    return phase;
  }

  /** Goes on to {@code next}, where the table allows it. */
  void enter(Phase next) {
    phase = phase.to(next);
  }

  /** Whether this exchange is one of the few whose steps are timed. */
  boolean sampled() {
    return begun % SAMPLE == 0;
  }

  // ---- deadlines ----

  private void onStepDeadline() {
    forgetClock();
    if (!suspension.timeUp()) {
      switch (phase) {
        case FORWARDING -> attempts.timeUp();
        case STREAMING -> responding.timeUp();
        case TUNNEL -> tunnel.timeUp();
        case IDLE, REQUEST, RESPONSE, ENDED -> {
          // nothing waits
        }
      }
    }
    flushAll();
  }

  private void onRequestDeadline() {
    forgetClock();
    if (active() && phase != Phase.TUNNEL) {
      if (phase == Phase.FORWARDING && requestSender.finished() && forwarding.limitIsOurs()) {
        attempts.failCurrent(ErrorKind.REQUEST_DEADLINE);
      } // else it may be the client that was slow or in a hurry: nothing against the endpoint
      fail(ErrorKind.REQUEST_DEADLINE, null);
      flushAll();
    }
  }

  // ---- failure ----

  /**
   * The exchange cannot go on: an error of our own, or, behind the head, a break. The error passes
   * the response steps from the first, those included that saw the response it takes the place of.
   */
  void fail(ErrorKind kind, @Nullable ProxyError cause) {
    if (!active()) {
      return;
    }
    attempts.cancel();
    suspension.revoke();
    stepDeadline.clear();
    failure = cause == null ? new ProxyError(kind, false, "", null) : cause;
    if (responseSender.headSent()) {
      downstream.abort();
      ending.end(Outcome.Result.FAILED);
      return;
    }
    answer.error(kind, cause == null ? null : cause.clientMessage());
    requestSender.body().settle();
    responding.startSteps();
  }

  /** As {@link #fail}, for what a step of the rarer kind raised. */
  void fail(ProxyError raised) {
    fail(raised.kind(), raised);
  }

  /** A transform failed: by a fault of its own, unless it says what is wrong with the content. */
  void transformFailed(String name, Throwable cause) {
    if (cause instanceof ProxyError raised) {
      fail(raised);
    } else {
      pluginFailed(name, cause);
    }
  }

  void pluginFailed(String name, Throwable cause) {
    log.error("exchange {}: {} failed", id(), name, cause);
    fail(ErrorKind.INTERNAL_ERROR, new ProxyError(ErrorKind.INTERNAL_ERROR, false, "", cause));
  }

  /** Sends what this burst of work queued, both ways. */
  void flushAll() {
    if (responseSender.headSent() && active()) {
      downstream.flush();
    }
    UpstreamStream connection = attempts.connection();
    if (connection != null) {
      connection.flush();
    }
    forgetClock();
  }

  @Nullable ProxyError failure() {
    return failure;
  }
}
