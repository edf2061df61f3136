package io.sluice.core.exchange;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.Resumption;
import io.sluice.core.plugin.Fatal;
import io.sluice.core.route.Route;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of middleware that decide what becomes of an exchange: request steps in order, the
 * listener's, then, once a route is found, the route's; response steps in reverse order, for those
 * whose request step ran. Reused from exchange to exchange, on their event loop.
 */
final class MiddlewareChain {

  private static final Logger log = LoggerFactory.getLogger(MiddlewareChain.class);
  private static final MiddlewareBinding[] NONE = {};
  private static final String NO_FLOW = "a step answered null";

  private final HttpExchange exchange;
  private MiddlewareBinding[] bindings = NONE;

  /** On the way in the place of the next step; on the way out one above it. */
  private int next;

  private int ran;
  private boolean routed;
  private boolean onTheWayOut;
  private boolean inStep;

  /** By place: whose response step failed, and is not asked about what takes its place. */
  private @Nullable BitSet failed;

  MiddlewareChain(HttpExchange exchange) {
    this.exchange = exchange;
  }

  /** An exchange begins with the listener's middleware. */
  void begin(MiddlewareBinding[] listener) {
    bindings = listener;
    next = 0;
    ran = 0;
    routed = false;
    onTheWayOut = false;
    if (failed != null) {
      failed.clear();
    }
  }

  /** An exchange begins that no middleware sees. */
  void beginWithout() {
    begin(NONE);
  }

  /** How many request steps ran: as many, from the first, see the response. */
  int ran() {
    return ran;
  }

  MiddlewareBinding[] bindings() {
    return bindings;
  }

  /** Whether a step is running that may suspend. */
  boolean inStep() {
    return inStep;
  }

  /** Runs what is left of the request steps, then sends the request on its way. */
  void runRequest() {
    while (true) {
      if (next == bindings.length) {
        if (routed) {
          exchange.forwarding.dispatch();
          return;
        }
        if (!findRoute()) {
          return;
        }
        continue;
      }
      MiddlewareBinding binding = bindings[next++];
      ran = next;
      Flow flow = step(binding);
      if (flow == null) {
        return;
      }
      if (flow == Flow.RESPONDED) {
        exchange.answer.send();
        return;
      }
      if (flow == Flow.SUSPENDED) {
        requireSuspension();
        return;
      }
      if (!leftNothing()) {
        return;
      }
    }
  }

  private boolean findRoute() {
    routed = true;
    Generation generation = exchange.generation();
    Route route = generation.routes().match(exchange.request(), exchange.matchInput());
    if (route == null) {
      exchange.fail(ErrorKind.NO_ROUTE, null);
      return false;
    }
    RoutePlan plan = generation.plan(route);
    exchange.routedTo(plan);
    bindings = plan.chain(exchange.downstream().listenerIndex());
    return true;
  }

  /**
   * A response exists: runs the response steps over it, then sends it. Where it takes the place of
   * one that failed on its way out, those run once more that have seen that one. Ends, since one
   * that fails is not asked again.
   */
  void startResponse() {
    onTheWayOut = true;
    next = ran;
    exchange.answer.takePrepared();
    runResponse();
  }

  /** Runs what is left of the response steps. */
  void runResponse() {
    while (next > 0) {
      MiddlewareBinding binding = bindings[--next];
      if (failed != null && failed.get(next)) {
        continue;
      }
      Flow flow = step(binding);
      if (flow == null) {
        return;
      }
      if (flow == Flow.SUSPENDED) {
        requireSuspension();
        return;
      }
      if (flow == Flow.CONTINUE ? !leftNothing() : !replaced()) {
        return;
      }
    }
    exchange.responding.send();
  }

  /** Runs one step; what it throws becomes a failure or, where the binding says so, nothing. */
  private @Nullable Flow step(MiddlewareBinding binding) {
    boolean timed = exchange.sampled();
    long before = timed ? System.nanoTime() : 0;
    Middleware middleware = binding.middleware();
    try {
      inStep = true;
      return Objects.requireNonNull(
          onTheWayOut ? middleware.onResponse(exchange) : middleware.onRequest(exchange), NO_FLOW);
    } catch (Throwable e) {
      return thrown(e) ? Flow.CONTINUE : null;
    } finally {
      inStep = false;
      if (timed) {
        binding.duration().record(System.nanoTime() - before);
      }
    }
  }

  /** A step threw; answers whether the exchange goes on as if the step were not there. */
  private boolean thrown(Throwable cause) {
    Fatal.rethrow(cause);
    MiddlewareBinding binding = bindings[current()];
    exchange.suspension.revoke();
    exchange.stepDeadline.clear();
    boolean answered = !onTheWayOut && exchange.hasResponse();
    if (binding.continueOnError() && exchange.active() && !answered) {
      log.warn("exchange {}: {} threw, going on", exchange.id(), binding.name(), cause);
      return true;
    }
    exchange.answer.drop();
    failed(cause);
    return false;
  }

  /** The middleware whose step ran last fails the exchange. */
  void failed(Throwable cause) {
    if (onTheWayOut) {
      if (failed == null) {
        failed = new BitSet();
      }
      failed.set(next);
    }
    exchange.pluginFailed(currentName(), cause);
  }

  /** A step said CONTINUE: it may have left neither an answer nor a suspension behind. */
  private boolean leftNothing() {
    if (!exchange.suspension.pending() && (onTheWayOut || !exchange.hasResponse())) {
      return true;
    }
    exchange.suspension.revoke();
    exchange.stepDeadline.clear();
    exchange.answer.drop();
    failed(new IllegalStateException("answered CONTINUE after suspend or respond"));
    return false;
  }

  /** A response step said RESPONDED: its answer goes on to those that have not run yet. */
  private boolean replaced() {
    if (exchange.answer.takePrepared()) {
      exchange.attempts.cancel();
      return true;
    }
    failed(new IllegalStateException("answered RESPONDED without calling respond"));
    return false;
  }

  private void requireSuspension() {
    if (!exchange.suspension.pending() && exchange.phase().beforeHead()) {
      failed(new IllegalStateException("answered SUSPENDED without calling suspend"));
    }
  }

  /** The place of the step that ran last. */
  private int current() {
    return onTheWayOut ? next : next - 1;
  }

  /** The name of the middleware whose step ran last. */
  String currentName() {
    return bindings[current()].name();
  }

  /** A suspension is over: runs what the waker left, then goes on as that says. */
  void resume(Resumption.Step step) {
    Flow flow;
    try {
      inStep = true;
      flow = Objects.requireNonNull(step.run(exchange), NO_FLOW);
    } catch (Throwable e) {
      if (!thrown(e)) {
        return;
      }
      flow = Flow.CONTINUE;
    } finally {
      inStep = false;
    }
    switch (flow) {
      case CONTINUE -> {
        if (leftNothing()) {
          if (onTheWayOut) {
            runResponse();
          } else {
            runRequest();
          }
        }
        exchange.responding.expectMore();
      }
      case RESPONDED -> {
        if (!onTheWayOut) {
          exchange.answer.send();
        } else if (replaced()) {
          runResponse();
        }
      }
      case SUSPENDED -> requireSuspension();
    }
    exchange.flushAll();
  }
}
