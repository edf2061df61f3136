package io.sluice.core.exchange;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.observe.AccessLog;

/**
 * The end of an exchange: everyone hears of the outcome once, everything is let go. On the
 * exchange's event loop.
 */
final class Ending {

  private final HttpExchange exchange;

  Ending(HttpExchange exchange) {
    this.exchange = exchange;
  }

  /** Every octet of the response is queued. */
  void responseSent() {
    exchange.attempts.cancel();
    end(exchange.failure() == null ? Outcome.Result.COMPLETED : Outcome.Result.FAILED);
  }

  /** It is over. */
  void end(Outcome.Result result) {
    boolean tunnelled = exchange.phase() == Phase.TUNNEL;
    exchange.enter(Phase.ENDED);
    exchange.stepDeadline.clear();
    exchange.requestDeadline.clear();
    exchange.suspension.revoke();
    observe(result, tunnelled ? 101 : exchange.headSent() ? exchange.responseHead().status() : 0);
    exchange.requestSender.release();
    exchange.responseSender.release();
    exchange.attempts.release();
    exchange.answer.release();
    Generation served = exchange.generation();
    exchange.finish();
    served.unpin(exchange.loop());
    exchange.downstream().exchangeEnded();
  }

  private void observe(Outcome.Result result, int status) {
    long durationNanos = exchange.now() - exchange.startNanos();
    AccessLog accessLog = exchange.generation().accessLog();
    if (exchange.chain.ran() > 0 || accessLog != null) {
      Outcome outcome =
          new Outcome(
              result,
              status,
              result == Outcome.Result.FAILED ? exchange.failure() : null,
              durationNanos,
              exchange.requestSender.body().received(),
              exchange.responseSender.sent(),
              exchange.attempts.made());
      exchange.sideSteps.complete(outcome);
      if (accessLog != null) {
        accessLog.log(exchange, outcome);
      }
    }
    exchange.count(
        result == Outcome.Result.CANCELLED ? ErrorKind.CLIENT_CLOSED.status() : status,
        durationNanos);
  }
}
