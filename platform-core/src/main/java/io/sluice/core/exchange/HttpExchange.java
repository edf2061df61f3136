package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.http.Headers;
import io.sluice.api.middleware.BodyTransform;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.middleware.ResponseWriter;
import io.sluice.api.middleware.Resumption;
import io.sluice.api.observe.AccessLog;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.ErrorResponses;
import io.sluice.core.http.Framing;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.route.Destination;
import io.sluice.core.route.FixedResponse;
import io.sluice.core.route.Redirect;
import io.sluice.core.route.Route;
import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.Upstream;
import io.sluice.core.upstream.UpstreamConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state machine of one exchange; see {@link Phase} for its table. One for each downstream
 * connection or stream, reused from exchange to exchange, always on the same event loop.
 *
 * <p>The downstream side calls {@link #begin} and then tells what the client does; attempts tell
 * what the endpoint does. Whatever happens, {@link #end} runs exactly once.
 */
public final class HttpExchange extends ExchangeView {

  private static final Logger log = LoggerFactory.getLogger(HttpExchange.class);
  private static final MiddlewareBinding[] NO_MIDDLEWARE = {};
  private static final int SAMPLE = 64;

  private final RequestSender requestSender = new RequestSender(this);
  private final ResponseSender responseSender = new ResponseSender(this);
  private final Attempts attempts = new Attempts(this);
  private final Deadline stepDeadline;
  private final Deadline requestDeadline;

  private Phase phase = Phase.IDLE;
  private MiddlewareBinding[] chain = NO_MIDDLEWARE;
  private int next;
  private int ran;
  private boolean routed;
  private @Nullable LiveResumption suspension;
  private boolean onResponseSide;
  private Downstream.Content source = Downstream.Content.NONE;
  private long sourceLength;
  private @Nullable Consumer<ResponseWriter> streaming;
  private @Nullable ProxyError failure;
  private @Nullable LiveWriter writer;
  private int sampled;
  private boolean inRequestStep;
  private long unsentBefore = -1;

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
    phase = phase.to(Phase.REQUEST);
    generation.pin(loop());
    start(generation, head, startNanos);
    requestSender.begin(head);
    responseSender.begin();
    attempts.begin();
    chain = generation.listeners().get(downstream.listenerIndex()).chain();
    next = 0;
    ran = 0;
    routed = false;
    onResponseSide = false;
    failure = null;
    streaming = null;
    sampled++;
    runRequestSteps();
  }

  /**
   * What came is no request that the framing guard accepts: answers it, with no middleware run.
   *
   * @param head as much as was read of it
   */
  public void refuse(
      Generation generation, ParsedRequest head, long startNanos, ErrorKind kind, String reason) {
    phase = phase.to(Phase.REQUEST);
    generation.pin(loop());
    start(generation, head, startNanos);
    requestSender.begin(head);
    responseSender.begin();
    attempts.begin();
    chain = NO_MIDDLEWARE;
    next = 0;
    ran = 0;
    onResponseSide = false;
    failure = null;
    streaming = null;
    fail(kind, new ProxyError(kind, false, reason, null));
  }

  /** Request content; takes it over. */
  public void onRequestData(ByteBuf data) {
    if (phase == Phase.TUNNEL) {
      UpstreamConnection tunnel = attempts.connection();
      if (tunnel == null) {
        data.release();
      } else {
        tunnel.write(data);
        stepDeadline.after(downstream.tunnelIdleNanos());
      }
      return;
    }
    if (phase == Phase.ENDED || phase == Phase.IDLE) {
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
    pump();
  }

  /** The request is whole. */
  public void onRequestEnd(@Nullable ByteHeaders trailers) {
    if (phase == Phase.ENDED || phase == Phase.IDLE) {
      return;
    }
    requestSender.receivedEnd(trailers);
    if (requestSender.body().holding()) {
      gatherRequest();
    } else {
      pump();
    }
  }

  /** A burst of reads is over: sends what came of it. */
  public void onRequestReadComplete() {
    UpstreamConnection connection = attempts.connection();
    if (connection != null) {
      connection.flush();
    }
    forgetClock();
  }

  /** Whether request content is welcome. */
  public boolean wantsRequestData() {
    UpstreamConnection connection = attempts.connection();
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
    if (phase == Phase.IDLE || phase == Phase.ENDED) {
      return;
    }
    if (phase == Phase.TUNNEL) {
      attempts.cancel();
      end(Outcome.Result.COMPLETED);
      return;
    }
    attempts.cancel();
    end(Outcome.Result.CANCELLED);
  }

  /** The client half-closed a tunnel. */
  public void onTunnelInputEnded() {
    UpstreamConnection tunnel = attempts.connection();
    if (phase == Phase.TUNNEL && tunnel != null) {
      tunnel.flush();
      tunnel.shutdownOutput();
    }
  }

  /** The client's socket has room again, or no more. */
  public void onDownstreamWritability(boolean writable) {
    UpstreamConnection connection = attempts.connection();
    if (writable) {
      responseSender.demand();
      writerReady();
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
    phase = phase.to(Phase.IDLE);
  }

  /** The connection goes away for good: takes the deadlines off the wheel. */
  public void dispose() {
    stepDeadline.remove();
    requestDeadline.remove();
  }

  // ---- request middleware ----

  private void runRequestSteps() {
    while (true) {
      if (next == chain.length) {
        if (routed) {
          dispatch();
          return;
        }
        if (!findRoute()) {
          return;
        }
        continue;
      }
      MiddlewareBinding binding = chain[next++];
      ran = next;
      Flow flow = step(binding, true);
      if (flow == null) {
        return;
      }
      if (flow == Flow.RESPONDED) {
        startLocalResponse();
        return;
      }
      if (flow == Flow.SUSPENDED) {
        afterSuspension();
        return;
      }
      if (!leftNothing(binding)) {
        return;
      }
    }
  }

  /** Runs one step; what it throws becomes a failure or, where the binding says so, nothing. */
  private @Nullable Flow step(MiddlewareBinding binding, boolean request) {
    boolean timed = sampled % SAMPLE == 0;
    long before = timed ? System.nanoTime() : 0;
    Middleware middleware = binding.middleware();
    try {
      inRequestStep = true;
      return request ? middleware.onRequest(this) : middleware.onResponse(this);
    } catch (RuntimeException e) {
      return thrown(binding, e, request) ? Flow.CONTINUE : null;
    } finally {
      inRequestStep = false;
      if (timed) {
        binding.duration().record(System.nanoTime() - before);
      }
    }
  }

  /** A step threw; answers whether the exchange goes on as if the step were not there. */
  private boolean thrown(MiddlewareBinding binding, RuntimeException cause, boolean request) {
    revokeSuspension();
    stepDeadline.clear();
    boolean answered = request && hasResponse();
    if (binding.continueOnError() && active() && !answered) {
      log.warn("exchange {}: {} threw, going on", id(), binding.name(), cause);
      return true;
    }
    dropLocalAnswer();
    pluginFailed(binding.name(), cause);
    return false;
  }

  /** A step said CONTINUE: it may have left neither an answer nor a suspension behind. */
  private boolean leftNothing(MiddlewareBinding binding) {
    if (suspension == null && !hasResponse()) {
      return true;
    }
    revokeSuspension();
    stepDeadline.clear();
    dropLocalAnswer();
    pluginFailed(
        binding.name(), new IllegalStateException("answered CONTINUE after suspend or respond"));
    return false;
  }

  private void afterSuspension() {
    if (suspension == null && phase.beforeHead()) {
      pluginFailed(
          chain[next - (onResponseSide ? 0 : 1)].name(),
          new IllegalStateException("answered SUSPENDED without calling suspend"));
    }
  }

  private boolean findRoute() {
    routed = true;
    Route route = generation().routes().match(request(), matchInput());
    if (route == null) {
      fail(ErrorKind.NO_ROUTE, null);
      return false;
    }
    RoutePlan plan = generation().plan(route);
    routedTo(plan);
    chain = plan.chain(downstream.listenerIndex());
    return true;
  }

  /** Every request step let it pass. */
  private void dispatch() {
    RoutePlan plan = plan();
    Destination destination = plan.route().destination();
    if (plan.requestNanos() != Long.MAX_VALUE) {
      requestDeadline.after(plan.requestNanos());
    }
    if (destination instanceof FixedResponse fixed) {
      respondFixed(fixed);
    } else if (destination instanceof Redirect redirect) {
      localHead(redirect.status());
      responseHead().headers().set("Location", redirect.location(request()));
      localBody(new byte[0]);
      startLocalResponse();
    } else {
      forward(plan);
    }
  }

  private void respondFixed(FixedResponse fixed) {
    localHead(fixed.status());
    fixed.writeTo(responseHead().headers());
    localBody(fixed.body());
    startLocalResponse();
  }

  private void forward(RoutePlan plan) {
    int index = plan.pickUpstream(plan.upstreams().size() == 1 ? 0 : random());
    Upstream upstream = plan.upstream(index);
    forwardedTo(index, upstream);
    ParsedRequest head = request();
    boolean bodied = head.framing() != Framing.NONE;
    if (bodied) {
      if (Idempotence.of(head.method())) {
        requestSender.body().keep(plan.maxReplayBytes());
      }
      long before = stamp();
      try {
        requestSender.askTransforms(chain, head);
      } catch (ProxyError e) {
        fail(e);
        return;
      }
      if (stamp() != before || phase != Phase.REQUEST) {
        return;
      }
    }
    askUpgrade(head, bodied);
    phase = phase.to(Phase.FORWARDING);
    attempts.first(upstream, plan.retry(upstream));
  }

  private void askUpgrade(ParsedRequest head, boolean bodied) {
    String protocol = head.upgrade();
    if (protocol != null && !bodied && downstream.allowsUpgrade(protocol)) {
      upgradeAsked(protocol);
    }
  }

  private static long random() {
    return ThreadLocalRandom.current().nextLong();
  }

  // ---- suspension ----

  @Override
  public Resumption suspend(Duration deadline) {
    if (!inRequestStep && suspension == null) {
      throw new IllegalStateException("suspend is called from a step");
    }
    LiveResumption made = new LiveResumption(this);
    suspension = made;
    stepDeadline.after(deadline.toNanos());
    return made;
  }

  /** A waker came. On the loop. */
  void resumed(LiveResumption by, Resumption.Step step, @Nullable Throwable cause) {
    if (suspension != by) {
      return;
    }
    forgetClock();
    suspension = null;
    stepDeadline.clear();
    if (cause != null) {
      pluginFailed(suspendedName(), cause);
      return;
    }
    Flow flow;
    try {
      inRequestStep = true;
      flow = step.run(this);
    } catch (RuntimeException e) {
      int at = onResponseSide ? next : next - 1;
      if (!thrown(chain[at], e, !onResponseSide)) {
        return;
      }
      flow = Flow.CONTINUE;
    } finally {
      inRequestStep = false;
    }
    switch (flow) {
      case CONTINUE -> goOn();
      case RESPONDED -> {
        if (onResponseSide) {
          replaced();
          runResponseSteps();
        } else {
          startLocalResponse();
        }
      }
      case SUSPENDED -> afterSuspension();
    }
    flushAll();
  }

  private void goOn() {
    if (onResponseSide) {
      runResponseSteps();
    } else if (leftNothing(chain[next - 1])) {
      runRequestSteps();
    }
    UpstreamConnection connection = attempts.connection();
    if (phase == Phase.STREAMING && connection != null) {
      stepDeadline.after(plan().idleNanos());
    }
  }

  private String suspendedName() {
    int at = onResponseSide ? next : next - 1;
    return at >= 0 && at < chain.length ? chain[at].name() : "a plugin";
  }

  private void revokeSuspension() {
    LiveResumption live = suspension;
    suspension = null;
    if (live != null && !live.revoke()) {
      log.debug("exchange {} ended while it was being resumed", id());
    }
  }

  @Override
  public void bufferRequest(int maxBytes, Resumption resumption) {
    RequestBody body = requestSender.body();
    body.hold(maxBytes);
    if (request().contentLength() > maxBytes || body.overflown()) {
      loop().loop().execute(() -> failBuffering(resumption));
    } else if (body.complete()) {
      loop().loop().execute(() -> gatherIfWaiting(resumption));
    } else {
      requestSender.answerContinue();
      downstream.resumeReading();
    }
  }

  private void failBuffering(Resumption resumption) {
    if (suspension == resumption) {
      fail(ErrorKind.BODY_TOO_LARGE, null);
    }
  }

  private void gatherIfWaiting(Resumption resumption) {
    if (suspension == resumption && requestSender.body().holding()) {
      gatherRequest();
    }
  }

  private void gatherRequest() {
    requestSender.body().gather();
    LiveResumption waiting = suspension;
    if (waiting != null) {
      waiting.resumeHere(null);
    } else {
      pump();
    }
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

  // ---- attempts ----

  /** A connection is there: sends the request. */
  void onConnected(Attempt attempt, UpstreamConnection connection) {
    ParsedRequest head = request();
    connection.begin(attempt, responseHead(), head.method().equals("HEAD"));
    attempt.sent();
    try {
      requestSender.send(connection, attempt.endpoint(), plan());
    } catch (ProxyError e) {
      attempt.cancel();
      fail(e.kind(), e);
      return;
    }
    if (sampled % SAMPLE == 0) {
      plan().meters().requestProcessing().record(System.nanoTime() - startNanos());
    }
    if (!requestSender.finished()) {
      contentMoved();
      downstream.resumeReading();
    }
  }

  /** Request content moved on to the endpoint: it may stand still for so long again. */
  void contentMoved() {
    if (phase == Phase.FORWARDING) {
      forgetClock();
      stepDeadline.after(now(), Math.min(plan().idleNanos(), attempts.perTryNanos()));
    }
  }

  /** Passes content on to the attempt, if there is one. */
  void pump() {
    UpstreamConnection connection = attempts.connection();
    if (connection != null && phase != Phase.TUNNEL) {
      requestSender.pump(connection);
    }
  }

  /** The last octet of the request went out on the present attempt. */
  void requestSent() {
    if (!responseSender.headSent()) {
      long now = now();
      stepDeadline.after(now, Math.min(plan().firstByteNanos(), attempts.perTryNanos()));
    }
  }

  void onUpstreamWritability(boolean writable) {
    if (!writable) {
      return;
    }
    pump();
    requestSender.demand();
    UpstreamConnection connection = attempts.connection();
    if (connection != null) {
      connection.flush();
    }
    downstream.resumeReading();
  }

  void onInformational(Attempt attempt, ParsedResponse head) {
    if (request().version() == io.sluice.api.http.HttpVersion.HTTP_1_0) {
      return;
    }
    for (int i = ran - 1; i >= 0; i--) {
      try {
        chain[i].informational(this, head);
      } catch (RuntimeException e) {
        log.warn("exchange {}: {} threw at a 1xx", id(), chain[i].name(), e);
      }
    }
    downstream.writeInformational(head);
  }

  void onHead(Attempt attempt, ParsedResponse head) {
    stepDeadline.clear();
    if (head.status() == 101 && upgradeAsked() == null) {
      attempt.fail(ErrorKind.BAD_RESPONSE);
      onAttemptFailed(attempt, ErrorKind.BAD_RESPONSE, false);
      return;
    }
    if (attempts.retriesResponse(attempt, head)) {
      return;
    }
    requestSender.body().settle();
    answered(attempt.endpoint());
    source =
        switch (head.framing()) {
          case NONE -> Downstream.Content.NONE;
          case LENGTH -> Downstream.Content.DELIMITED;
          case CHUNKED, UNTIL_CLOSE -> Downstream.Content.OPEN;
        };
    sourceLength = head.framing() == Framing.NONE ? 0 : head.contentLength();
    phase = phase.to(Phase.RESPONSE);
    startResponseSteps();
    if (phase == Phase.RESPONSE && attempt.connection() != null) {
      attempt.connection().pause();
    }
  }

  void onResponseData(Attempt attempt, ByteBuf data) {
    if (attempt != attempts.current() || phase == Phase.ENDED) {
      data.release();
      return;
    }
    responseSender.received(data);
    UpstreamConnection connection = attempts.connection();
    if (connection != null && !downstream.writable()) {
      connection.pause();
    }
  }

  void onResponseEnd(Attempt attempt, @Nullable ByteHeaders trailers) {
    if (attempt != attempts.current() || phase == Phase.ENDED) {
      return;
    }
    if (phase == Phase.TUNNEL) {
      downstream.writeEnd(null);
      end(Outcome.Result.COMPLETED);
      return;
    }
    responseSender.receivedEnd(trailers);
    if (phase == Phase.STREAMING) {
      downstream.flush(); // a transform still writes, and the connection is not ours any more
    }
  }

  void onUpstreamReadComplete() {
    if (phase == Phase.STREAMING) {
      stepDeadline.after(plan().idleNanos());
    } else if (phase == Phase.TUNNEL) {
      stepDeadline.after(downstream.tunnelIdleNanos());
    }
    if (responseSender.headSent()) {
      downstream.flush();
    }
    forgetClock();
  }

  /** An attempt is over without a response: another one, or the end. */
  void onAttemptFailed(Attempt attempt, ErrorKind kind, boolean stale) {
    if (attempt != attempts.current() || !active()) {
      return;
    }
    stepDeadline.clear();
    if (phase == Phase.FORWARDING) {
      if (!attempts.next(attempt, kind, stale)) {
        fail(kind, null);
      }
    } else {
      fail(phase == Phase.TUNNEL ? kind : ErrorKind.RESPONSE_BROKEN, null);
    }
    flushAll();
  }

  Deadline stepDeadline() {
    return stepDeadline;
  }

  RequestSender requestSender() {
    return requestSender;
  }

  private void onStepDeadline() {
    forgetClock();
    LiveResumption waiting = suspension;
    if (waiting != null) {
      waiting.resumeHere(new java.util.concurrent.TimeoutException("its deadline passed"));
    } else if (phase == Phase.FORWARDING) {
      attempts.timeUp();
    } else if (phase == Phase.STREAMING) {
      onStreamingIdle();
    } else if (phase == Phase.TUNNEL) {
      attempts.cancel();
      downstream.abort();
      end(Outcome.Result.COMPLETED);
    }
    flushAll();
  }

  /** Nothing came from the endpoint: its fault, unless the client is what everything waits for. */
  private void onStreamingIdle() {
    long unsent = downstream.unsentBytes();
    if (!downstream.writable() && unsent != unsentBefore) {
      unsentBefore = unsent;
      stepDeadline.after(plan().idleNanos());
    } else if (downstream.writable()) {
      attempts.failCurrent(ErrorKind.RESPONSE_BROKEN);
      fail(ErrorKind.RESPONSE_BROKEN, null);
    } else {
      fail(ErrorKind.CLIENT_CLOSED, null);
    }
  }

  private void onRequestDeadline() {
    forgetClock();
    if (active() && phase != Phase.TUNNEL) {
      attempts.failCurrent(ErrorKind.REQUEST_DEADLINE);
      fail(ErrorKind.REQUEST_DEADLINE, null);
      flushAll();
    }
  }

  void runAttemptSteps(ParsedRequest head, EndpointState endpoint) {
    for (MiddlewareBinding binding : chain) {
      if (binding.seesAttempts()) {
        try {
          binding.middleware().onAttempt(this, head, endpoint);
        } catch (RuntimeException e) {
          raise(binding, e);
        }
      }
    }
  }

  /** A step of the rarer kind threw: goes on where the binding says so. */
  private void raise(MiddlewareBinding binding, RuntimeException cause) {
    if (!binding.continueOnError()) {
      log.error("exchange {}: {} failed", id(), binding.name(), cause);
      throw new ProxyError(ErrorKind.INTERNAL_ERROR, false, "", cause);
    }
    log.warn("exchange {}: {} threw, going on", id(), binding.name(), cause);
  }

  /** The transform of the request's content that a middleware wants, or null. */
  @Nullable BodyTransform requestTransform(MiddlewareBinding binding) {
    try {
      return binding.middleware().requestBody(this);
    } catch (RuntimeException e) {
      raise(binding, e);
      return null;
    }
  }

  // ---- responses of our own ----

  @Override
  public Flow respond(int status, Map<String, String> headers, byte[] body) {
    localHead(status);
    headers.forEach((name, value) -> responseHead().headers().add(name, value));
    localBody(body);
    return Flow.RESPONDED;
  }

  @Override
  public Flow respondStreaming(
      int status, Map<String, String> headers, Consumer<ResponseWriter> started) {
    localHead(status);
    headers.forEach((name, value) -> responseHead().headers().add(name, value));
    String length = responseHead().headers().get("Content-Length");
    source = length == null ? Downstream.Content.OPEN : Downstream.Content.DELIMITED;
    sourceLength = length == null ? -1 : Long.parseLong(length);
    streaming = started;
    return Flow.RESPONDED;
  }

  @Override
  public Flow refuse(ErrorKind kind, Map<String, String> headers) {
    failure = new ProxyError(kind, false, "", null);
    localError(kind, null);
    headers.forEach((name, value) -> responseHead().headers().set(name, value));
    return Flow.RESPONDED;
  }

  private void localError(ErrorKind kind, @Nullable String message) {
    ErrorResponses.ErrorResponse error =
        ErrorResponses.of(kind, id(), request().headers().get(ACCEPT), message);
    localHead(error.status());
    error.writeTo(responseHead().headers());
    localBody(error.body());
  }

  private void localHead(int status) {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("not a final status: " + status);
    }
    dropLocalAnswer();
    attempts.cancel();
    responseHead().start(status);
    responseExists();
  }

  private void localBody(byte[] body) {
    source = body.length == 0 ? Downstream.Content.NONE : Downstream.Content.DELIMITED;
    sourceLength = body.length;
    int status = responseHead().status();
    if (status != 204 && status != 304) {
      responseHead().headers().set("Content-Length", Integer.toString(body.length));
    }
    if (body.length > 0) {
      responseSender.received(Unpooled.wrappedBuffer(body));
    }
    responseSender.receivedEnd(null);
  }

  /** Forgets an answer that was prepared and not sent. */
  private void dropLocalAnswer() {
    responseSender.release();
    responseSender.restart();
    streaming = null;
  }

  private void startLocalResponse() {
    if (!hasResponse()) {
      pluginFailed(
          suspendedName(), new IllegalStateException("answered RESPONDED without calling respond"));
      return;
    }
    requestSender.body().settle();
    stepDeadline.clear();
    phase = phase.to(Phase.RESPONSE);
    startResponseSteps();
  }

  private void replaced() {
    attempts.cancel();
  }

  /** The exchange cannot go on: an error of our own, or, behind the head, a break. */
  void fail(ErrorKind kind, @Nullable ProxyError cause) {
    if (!active()) {
      return;
    }
    attempts.cancel();
    revokeSuspension();
    stepDeadline.clear();
    failure = cause == null ? new ProxyError(kind, false, "", null) : cause;
    if (responseSender.headSent()) {
      downstream.abort();
      end(Outcome.Result.FAILED);
      return;
    }
    String message = cause == null ? null : cause.clientMessage();
    localError(kind, message);
    requestSender.body().settle();
    if (phase == Phase.RESPONSE) {
      runResponseSteps();
      return;
    }
    phase = phase.to(Phase.RESPONSE);
    startResponseSteps();
  }

  /** As {@link #fail}, for what a step of the rarer kind raised. */
  void fail(ProxyError raised) {
    fail(raised.kind(), raised);
  }

  void pluginFailed(String name, Throwable cause) {
    log.error("exchange {}: {} failed", id(), name, cause);
    fail(ErrorKind.INTERNAL_ERROR, new ProxyError(ErrorKind.INTERNAL_ERROR, false, "", cause));
  }

  // ---- response middleware ----

  private void startResponseSteps() {
    responseExists();
    onResponseSide = true;
    next = ran;
    runResponseSteps();
  }

  /** Runs what is left of the response steps; {@link #next} is one above the next. */
  private void runResponseSteps() {
    while (next > 0) {
      MiddlewareBinding binding = chain[--next];
      Flow flow = step(binding, false);
      if (flow == null) {
        return;
      }
      if (flow == Flow.SUSPENDED) {
        afterSuspension();
        return;
      }
      if (flow == Flow.RESPONDED) {
        replaced();
      }
    }
    sendResponse();
  }

  private void sendResponse() {
    ParsedResponse head = responseHead();
    boolean tunnel = head.status() == 101;
    phase = phase.to(tunnel ? Phase.TUNNEL : Phase.STREAMING);
    if (tunnel) {
      startTunnel(head);
      return;
    }
    RoutePlan plan = planOrNull();
    if (sampled % SAMPLE == 0 && plan != null) {
      plan.meters().responseProcessing().record(System.nanoTime() - now());
    }
    Consumer<ResponseWriter> writer = streaming;
    streaming = null;
    long before = stamp();
    try {
      responseSender.sendHead(head, source, sourceLength);
    } catch (ProxyError e) {
      fail(e);
      return;
    }
    if (stamp() != before || !active()) {
      return;
    }
    UpstreamConnection connection = attempts.connection();
    if (connection != null && downstream.writable()) {
      connection.resume();
    }
    if (writer != null) {
      startWriter(writer);
    }
  }

  private void startTunnel(ParsedResponse head) {
    downstream.writeHead(head, Downstream.Content.NONE);
    downstream.flush();
    downstream.startTunnel();
    responseSender.startTunnel();
    requestDeadline.clear();
    stepDeadline.after(downstream.tunnelIdleNanos());
    UpstreamConnection connection = attempts.connection();
    if (connection != null) {
      connection.resume();
    }
    downstream.resumeReading();
  }

  private void startWriter(Consumer<ResponseWriter> started) {
    LiveWriter writer = new LiveWriter(this, responseSender, stamp());
    this.writer = writer;
    try {
      started.accept(writer);
    } catch (RuntimeException e) {
      pluginFailed("a streamed response", e);
    }
  }

  private void writerReady() {
    if (writer != null) {
      writer.roomCame();
    }
  }

  boolean middlewareRan() {
    return ran > 0;
  }

  List<BodyTransform> responseTransforms() {
    List<BodyTransform> transforms = new ArrayList<>(0);
    for (int i = ran - 1; i >= 0; i--) {
      if (chain[i].readsResponseBody()) {
        try {
          BodyTransform transform = chain[i].middleware().responseBody(this);
          if (transform != null) {
            transforms.add(transform);
          }
        } catch (RuntimeException e) {
          if (!chain[i].continueOnError()) {
            transforms.forEach(BodyTransform::onAbort);
          }
          raise(chain[i], e);
        }
      }
    }
    return transforms;
  }

  void runTrailerSteps(Headers trailers) {
    for (int i = ran - 1; i >= 0; i--) {
      if (chain[i].seesTrailers()) {
        try {
          chain[i].middleware().onTrailers(this, trailers);
        } catch (RuntimeException e) {
          raise(chain[i], e);
        }
      }
    }
  }

  private void flushAll() {
    if (responseSender.headSent() && active()) {
      downstream.flush();
    }
    UpstreamConnection connection = attempts.connection();
    if (connection != null) {
      connection.flush();
    }
    forgetClock();
  }

  // ---- the end ----

  /** Every octet of the response is queued. */
  void responseSent() {
    attempts.cancel();
    end(failure == null ? Outcome.Result.COMPLETED : Outcome.Result.FAILED);
  }

  private void end(Outcome.Result result) {
    Phase was = phase;
    phase = phase.to(Phase.ENDED);
    stepDeadline.clear();
    requestDeadline.clear();
    revokeSuspension();
    long durationNanos = now() - startNanos();
    int status =
        was == Phase.TUNNEL ? 101 : responseSender.headSent() ? responseHead().status() : 0;
    Outcome outcome = null;
    AccessLog accessLog = generation().accessLog();
    if (ran > 0 || accessLog != null) {
      outcome =
          new Outcome(
              result,
              status,
              result == Outcome.Result.FAILED ? failure : null,
              durationNanos,
              requestSender.body().received(),
              responseSender.sent(),
              attempts.made());
      observe(outcome, accessLog);
    }
    count(
        result == Outcome.Result.CANCELLED ? ErrorKind.CLIENT_CLOSED.status() : status,
        durationNanos);
    requestSender.release();
    responseSender.release();
    attempts.release();
    if (writer != null) {
      writer.over();
      writer = null;
    }
    Generation served = generation();
    finish();
    served.unpin(loop());
    downstream.exchangeEnded();
  }

  private void observe(Outcome outcome, @Nullable AccessLog accessLog) {
    for (int i = ran - 1; i >= 0; i--) {
      try {
        chain[i].middleware().onComplete(this, outcome);
      } catch (RuntimeException e) {
        log.error("exchange {}: {} threw at its end", id(), chain[i].name(), e);
      }
    }
    if (accessLog != null) {
      accessLog.log(this, outcome);
    }
  }
}
