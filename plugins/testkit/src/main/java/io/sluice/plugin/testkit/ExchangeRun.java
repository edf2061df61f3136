package io.sluice.plugin.testkit;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.http.Chunk;
import io.sluice.api.http.Headers;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.middleware.Outcome.Result;
import io.sluice.api.middleware.ResponseWriter;
import io.sluice.api.middleware.Resumption;
import io.sluice.plugin.testkit.FakeExchange.State;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Leads one exchange through its phases. One lock stands for the event loop: a resumption used on
 * another thread goes on there, after the phase that suspended has returned.
 */
final class ExchangeRun {

  private static final long DURATION_NANOS = 1_000_000;

  private final FakeExchange exchange;
  private final RunBodies bodies;
  private List<Middleware> chain = List.of();
  private List<byte[]> content = List.of();
  private State state = State.NEW;

  /** How many middlewares saw the request. */
  private int ran;

  /** The next one to see the response, or −1. */
  private int next;

  private boolean responding;
  private boolean inCall;
  private @Nullable Suspension suspension;
  private @Nullable Duration suspendedFor;
  private boolean tooLarge;
  private @Nullable FakeChunk buffered;
  private @Nullable FakeResponse response;
  private Consumer<BodyPipe> body = pipe -> pipe.end(null);
  private @Nullable Headers trailers;
  private @Nullable ProxyError error;
  private @Nullable Outcome outcome;

  ExchangeRun(FakeExchange exchange) {
    this.exchange = exchange;
    this.bodies = new RunBodies(exchange);
  }

  synchronized void start(List<Middleware> middleware, List<byte[]> requestContent) {
    require(State.NEW);
    chain = middleware;
    content = requestContent;
    state = State.RUNNING;
    requestPhase();
  }

  private void requestPhase() {
    while (ran < chain.size()) {
      Middleware middleware = chain.get(ran++);
      if (!goesOn(call(() -> middleware.onRequest(exchange)))) {
        return;
      }
    }
    forward();
  }

  private void forward() {
    state = State.FORWARDED;
    bodies.forward(chain, content);
  }

  synchronized void answer(
      FakeResponse head, List<byte[]> octets, @Nullable Headers receivedTrailers) {
    require(State.FORWARDED);
    state = State.RUNNING;
    respondWith(
        head,
        pipe -> {
          octets.forEach(pipe::feed);
          pipe.end(receivedTrailers);
        });
    responsePhase();
  }

  synchronized void fail(ErrorKind kind) {
    if (state == State.ENDED || state == State.NEW) {
      throw new IllegalStateException("nothing is under way: " + state);
    }
    suspension = null;
    error = new ProxyError(kind, false, kind.label(), null);
    state = State.RUNNING;
    FakeHeaders headers = FakeHeaders.of("Content-Type: application/json");
    String text = "{\"status\":" + kind.status() + ",\"error\":\"" + kind.label() + "\"}";
    byte[] octets = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    respondWith(
        new FakeResponse(kind.status(), headers),
        pipe -> {
          pipe.feed(octets);
          pipe.end(null);
        });
    responsePhase();
  }

  synchronized void timeOut() {
    require(State.SUSPENDED);
    fail(ErrorKind.INTERNAL_ERROR);
  }

  synchronized void cancel() {
    if (state == State.ENDED || state == State.NEW) {
      throw new IllegalStateException("nothing is under way: " + state);
    }
    suspension = null;
    bodies.abort();
    end(Result.CANCELLED);
  }

  private void respondWith(FakeResponse head, Consumer<BodyPipe> writer) {
    response = head;
    body = writer;
    if (!responding) {
      responding = true;
      next = ran - 1;
    }
  }

  private void responsePhase() {
    while (next >= 0) {
      Middleware middleware = chain.get(next--);
      if (!goesOn(call(() -> middleware.onResponse(exchange)))) {
        return;
      }
    }
    responseBody(exchange.response());
  }

  private void responseBody(FakeResponse head) {
    BodyPipe pipe = bodies.respond(reversed(), head, new Ending());
    if (bodies.hasContent(head)) {
      body.accept(pipe);
    } else {
      pipe.end(null);
    }
  }

  private void end(Result result) {
    if (state == State.ENDED) {
      return;
    }
    state = State.ENDED;
    FakeResponse head = response;
    long requestBytes = content.stream().mapToLong(octets -> octets.length).sum();
    int status = head == null || result == Result.CANCELLED ? 0 : head.status();
    Outcome ended =
        new Outcome(
            result,
            status,
            result == Result.FAILED ? error : null,
            DURATION_NANOS,
            requestBytes,
            bodies.responseOutput().length,
            exchange.endpoint() == null ? 0 : 1);
    outcome = ended;
    reversed().forEach(middleware -> middleware.onComplete(exchange, ended));
  }

  private Flow call(Supplier<Flow> phase) {
    inCall = true;
    try {
      return phase.get();
    } finally {
      inCall = false;
    }
  }

  /** Whether the phase goes on; otherwise somebody else has taken it from here or will do so. */
  private boolean goesOn(Flow flow) {
    if (flow == Flow.SUSPENDED) {
      Suspension parked = suspension;
      if (tooLarge) {
        tooLarge = false;
        fail(ErrorKind.BODY_TOO_LARGE);
        return false;
      }
      if (parked == null) {
        throw new IllegalStateException("SUSPENDED was returned, but nothing was suspended");
      }
      if (parked.used) {
        return wake(parked);
      }
      state = State.SUSPENDED;
      return false;
    }
    if (suspension != null) {
      throw new IllegalStateException(flow + " was returned after suspending");
    }
    if (flow == Flow.RESPONDED) {
      if (response == null) {
        throw new IllegalStateException("RESPONDED was returned, but nothing was responded");
      }
      responsePhase();
      return false;
    }
    return true;
  }

  /** Takes up the phase that suspended; answers whether it goes on. */
  private boolean wake(Suspension parked) {
    suspension = null;
    state = State.RUNNING;
    if (parked.failure != null) {
      fail(ErrorKind.INTERNAL_ERROR);
      return false;
    }
    Resumption.Step step = parked.step;
    return step == null || goesOn(call(() -> step.run(exchange)));
  }

  private void goOn(Suspension parked) {
    if (wake(parked)) {
      if (responding) {
        responsePhase();
      } else {
        requestPhase();
      }
    }
  }

  synchronized Resumption suspend(Duration deadline) {
    if (suspension != null) {
      throw new IllegalStateException("suspended already");
    }
    Suspension parked = new Suspension();
    suspension = parked;
    suspendedFor = deadline;
    return parked;
  }

  synchronized void bufferRequest(int maxBytes, Resumption resumption) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    content.forEach(all::writeBytes);
    if (all.size() > maxBytes) {
      tooLarge = true;
      suspension = null;
    } else {
      buffered = new FakeChunk(all.toByteArray());
      resumption.resume();
    }
  }

  synchronized Flow respond(int status, Map<String, String> headers, byte[] octets) {
    FakeHeaders lines = new FakeHeaders();
    headers.forEach(lines::add);
    lines.set("Content-Length", Integer.toString(octets.length));
    byte[] copy = octets.clone();
    respondWith(
        new FakeResponse(status, lines),
        pipe -> {
          if (copy.length > 0) {
            pipe.feed(copy);
          }
          pipe.end(null);
        });
    return Flow.RESPONDED;
  }

  synchronized Flow respondStreaming(
      int status, Map<String, String> headers, Consumer<ResponseWriter> started) {
    FakeHeaders lines = new FakeHeaders();
    headers.forEach(lines::add);
    respondWith(new FakeResponse(status, lines), pipe -> started.accept(new RunWriter(this, pipe)));
    return Flow.RESPONDED;
  }

  /** Runs what a writer does, unless the exchange is over. */
  synchronized void unlessOver(Runnable step) {
    if (state != State.ENDED) {
      step.run();
    }
  }

  /** Runs a task as the event loop would: while nothing else runs. */
  synchronized void onLoop(Runnable task) {
    task.run();
  }

  /** The content fails after the head has left. */
  void breakOff(Throwable cause) {
    error = new ProxyError(ErrorKind.INTERNAL_ERROR, false, "plugin failed", cause);
    end(Result.FAILED);
  }

  synchronized State state() {
    return state;
  }

  List<Middleware> chain() {
    return chain;
  }

  /** Those that saw the request, the last one first. */
  List<Middleware> reversed() {
    List<Middleware> reversed = new ArrayList<>(chain.subList(0, ran));
    Collections.reverse(reversed);
    return reversed;
  }

  @Nullable Duration suspendedFor() {
    return suspendedFor;
  }

  @Nullable Chunk buffered() {
    return buffered;
  }

  @Nullable FakeResponse response() {
    return response;
  }

  RunBodies bodies() {
    return bodies;
  }

  @Nullable Headers trailers() {
    return trailers;
  }

  @Nullable Outcome outcome() {
    return outcome;
  }

  private void require(State wanted) {
    if (state != wanted) {
      throw new IllegalStateException("the exchange is " + state + ", not " + wanted);
    }
  }

  private final class Suspension implements Resumption {

    private boolean used;
    private @Nullable Step step;
    private @Nullable Throwable failure;

    @Override
    public boolean resume() {
      return use(null, null);
    }

    @Override
    public boolean resume(Step next) {
      return use(next, null);
    }

    @Override
    public boolean fail(Throwable cause) {
      return use(null, cause);
    }

    private boolean use(@Nullable Step next, @Nullable Throwable cause) {
      synchronized (ExchangeRun.this) {
        if (used || suspension != this) {
          return false;
        }
        used = true;
        step = next;
        failure = cause;
        if (!inCall) {
          goOn(this);
        }
        return true;
      }
    }
  }

  private final class Ending implements BodyPipe.Listener {
    @Override
    public void onEnd(@Nullable Headers received) {
      trailers = received;
      if (received != null) {
        reversed().forEach(middleware -> middleware.onTrailers(exchange, received));
      }
      ExchangeRun.this.end(error == null ? Result.COMPLETED : Result.FAILED);
    }

    @Override
    public void onFailure(Throwable cause) {
      breakOff(cause);
    }
  }
}
