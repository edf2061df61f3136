package io.sluice.core.exchange;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.middleware.Resumption;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an exchange waits for while it is parked: a waker, its deadline, or all of the request's
 * content. Reused from exchange to exchange, on their event loop.
 */
final class Suspension {

  private static final Logger log = LoggerFactory.getLogger(Suspension.class);

  private final HttpExchange exchange;
  private @Nullable LiveResumption live;

  Suspension(HttpExchange exchange) {
    this.exchange = exchange;
  }

  /** Whether the exchange is parked. */
  boolean pending() {
    return live != null;
  }

  Resumption suspend(Duration deadline) {
    if (!exchange.chain.inStep() && live == null) {
      throw new IllegalStateException("suspend is called from a step");
    }
    LiveResumption made = new LiveResumption(exchange);
    live = made;
    exchange.stepDeadline.after(deadline.toNanos());
    return made;
  }

  /** A waker came. On the loop. */
  void resumed(LiveResumption by, Resumption.Step step, @Nullable Throwable cause) {
    if (live != by) {
      return;
    }
    exchange.forgetClock();
    live = null;
    exchange.stepDeadline.clear();
    if (cause == null) {
      exchange.chain.resume(step);
    } else {
      exchange.chain.failed(cause);
    }
  }

  /** The step's deadline passed; answers whether that was what it was for. */
  boolean timeUp() {
    LiveResumption waiting = live;
    if (waiting == null) {
      return false;
    }
    waiting.resumeHere(new TimeoutException("its deadline passed"));
    return true;
  }

  /** The exchange goes another way: whoever holds the handle can do nothing with it. */
  void revoke() {
    LiveResumption held = live;
    live = null;
    if (held != null && !held.revoke()) {
      log.debug("exchange {} ended while it was being resumed", exchange.id());
    }
  }

  void bufferRequest(int maxBytes, Resumption resumption) {
    RequestSender sender = exchange.requestSender;
    RequestBody body = sender.body();
    body.hold(maxBytes);
    if (exchange.request().contentLength() > maxBytes || body.overflown()) {
      exchange.loop().loop().execute(() -> failBuffering(resumption));
    } else if (body.complete()) {
      exchange.loop().loop().execute(() -> gatherIfWaiting(resumption));
    } else {
      sender.answerContinue();
      exchange.downstream().resumeReading();
    }
  }

  private void failBuffering(Resumption resumption) {
    if (live == resumption) {
      exchange.fail(ErrorKind.BODY_TOO_LARGE, null);
    }
  }

  private void gatherIfWaiting(Resumption resumption) {
    if (live == resumption && exchange.requestSender.body().holding()) {
      gather();
    }
  }

  /** All of the request's content came that was to be held. */
  void gather() {
    exchange.requestSender.body().gather();
    LiveResumption waiting = live;
    if (waiting != null) {
      waiting.resumeHere(null);
    } else {
      exchange.forwarding.pump();
    }
  }
}
