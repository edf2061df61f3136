package io.sluice.core.exchange;

import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Resumption;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The handle of one suspension. Whoever flips {@link #used} first has it: a waker, the deadline, or
 * the end of the exchange. The exchange compares the handle itself before it goes on, so that one
 * of an earlier life can do nothing.
 */
final class LiveResumption implements Resumption {

  private static final Step CONTINUE = exchange -> Flow.CONTINUE;

  private final HttpExchange exchange;
  private final AtomicBoolean used = new AtomicBoolean();

  LiveResumption(HttpExchange exchange) {
    this.exchange = exchange;
  }

  @Override
  public boolean resume() {
    return resume(CONTINUE);
  }

  @Override
  public boolean resume(Step step) {
    if (!used.compareAndSet(false, true)) {
      return false;
    }
    exchange.loop().loop().execute(() -> exchange.suspension.resumed(this, step, null));
    return true;
  }

  @Override
  public boolean fail(Throwable cause) {
    if (!used.compareAndSet(false, true)) {
      return false;
    }
    exchange.loop().loop().execute(() -> exchange.suspension.resumed(this, CONTINUE, cause));
    return true;
  }

  /** Takes the handle away from every waker; answers false when one was faster. */
  boolean revoke() {
    return used.compareAndSet(false, true);
  }

  /** For the exchange itself, on its loop: as {@link #resume()}, without a hop. */
  void resumeHere(@Nullable Throwable cause) {
    if (revoke()) {
      exchange.suspension.resumed(this, CONTINUE, cause);
    }
  }
}
