package io.sluice.plugin.circuitbreaker;

import io.sluice.api.limit.CircuitBreaker;
import io.sluice.api.upstream.AttemptOutcome;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.LongSupplier;

/**
 * A circuit breaker (M. Nygard, Release It!, 2007) with the windows, ratios and trials of
 * resilience4j's. Its states are {@link Transition}'s.
 *
 * <p>Each stay in a state is an object of its own with a number that grows; a pass carries that
 * number. An outcome whose number is not the present one began in an earlier state and decides
 * nothing: a slow failure from before the trials is no trial. One reference holds the present stay,
 * and whoever changes it by compare-and-set has made the transition, so each happens once. Without
 * a lock; without allocation but for transitions.
 *
 * <p>Only an attempt that failed or was slow can open it, so in good times the window is added to
 * and not summed. Attempts that say nothing about the upstream (the client left, a limit of our own
 * stood in the way) count nowhere; as trials they give their place back.
 */
final class StandardBreaker implements CircuitBreaker {

  private static final AtomicReferenceFieldUpdater<StandardBreaker, Stay> PRESENT =
      AtomicReferenceFieldUpdater.newUpdater(StandardBreaker.class, Stay.class, "present");

  /** Hears of each transition, once, on the thread that made it. */
  interface Observer {
    void changed(Transition transition, String why);
  }

  /** One stay in one state. */
  private static final class Stay {
    private final long number;
    private final State state;
    private final Window window;
    private final long untilNanos;
    private final int failuresInARow;
    private final AtomicInteger places;
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger slow = new AtomicInteger();

    /**
     * @param untilNanos the end of being open, or of waiting for trials
     * @param failuresInARow how often trials have failed since it was closed
     * @param places for trials
     */
    Stay(long number, State state, Window window, long untilNanos, int failuresInARow, int places) {
      this.number = number;
      this.state = state;
      this.window = window;
      this.untilNanos = untilNanos;
      this.failuresInARow = failuresInARow;
      this.places = new AtomicInteger(places);
    }
  }

  private final StandardBreakerConfig config;
  private final LongSupplier ticker;
  private final Observer observer;
  private final long slowNanos;
  private volatile Stay present;

  StandardBreaker(StandardBreakerConfig config, LongSupplier ticker, Observer observer) {
    this.config = config;
    this.ticker = ticker;
    this.observer = observer;
    this.slowNanos = config.slowCall().toNanos();
    this.present = closed(0);
  }

  private Stay closed(long number) {
    Window window =
        config.windowCalls() > 0
            ? new LastCalls(config.windowCalls())
            : new LastSeconds((int) config.window().toSeconds(), ticker.getAsLong());
    return new Stay(number, State.CLOSED, window, 0, 0, 0);
  }

  private Stay opened(Stay before, int failuresInARow) {
    double nanos =
        Math.min(
            config.open().toNanos() * Math.pow(config.growth(), failuresInARow),
            (double) config.maxOpen().toNanos());
    long until = ticker.getAsLong() + (long) nanos;
    return new Stay(before.number + 1, State.OPEN, before.window, until, failuresInARow, 0);
  }

  private Stay halfOpened(Stay before) {
    long until = ticker.getAsLong() + config.trialTimeout().toNanos();
    return new Stay(
        before.number + 1,
        State.HALF_OPEN,
        before.window,
        until,
        before.failuresInARow,
        config.trials());
  }

  private boolean change(Stay before, Stay after, Transition transition, String why) {
    if (!PRESENT.compareAndSet(this, before, after)) {
      return false;
    }
    observer.changed(transition, why);
    return true;
  }

  @Override
  public long tryPass() {
    Stay now = present;
    if (now.state == State.CLOSED) {
      return now.number;
    }
    while (true) {
      now = present;
      switch (now.state) {
        case CLOSED -> {
          return now.number;
        }
        case OPEN -> {
          if (now.untilNanos - ticker.getAsLong() > 0) {
            return REFUSED;
          }
          change(now, halfOpened(now), Transition.TRY, "trying " + config.trials() + " attempts");
        }
        case HALF_OPEN -> {
          if (takePlace(now.places)) {
            return now.number;
          }
          if (now.untilNanos - ticker.getAsLong() > 0) {
            return REFUSED;
          }
          change(now, halfOpened(now), Transition.TRY_AGAIN, "trials did not end in time");
        }
      }
    }
  }

  private static boolean takePlace(AtomicInteger places) {
    int left = places.get();
    while (left > 0) {
      if (places.compareAndSet(left, left - 1)) {
        return true;
      }
      left = places.get();
    }
    return false;
  }

  @Override
  public void onAttemptEnd(long pass, AttemptOutcome outcome) {
    Stay now = present;
    if (pass != now.number) {
      return;
    }
    boolean failed = outcome.failed();
    boolean tells = failed || (outcome.error() == null && !outcome.cancelled());
    boolean slow = tells && outcome.firstByteNanos() >= slowNanos;
    if (now.state == State.CLOSED && tells) {
      ended(now, failed, slow);
    } else if (now.state == State.HALF_OPEN && tells) {
      trialEnded(now, failed, slow);
    } else if (now.state == State.HALF_OPEN) {
      now.places.incrementAndGet();
    }
  }

  private void ended(Stay now, boolean failed, boolean slow) {
    long nanos = ticker.getAsLong();
    now.window.add(failed, slow, nanos);
    if (!failed && !slow) {
      return;
    }
    Window.Counts counts = now.window.counts(nanos);
    if (counts.calls() >= config.minCalls() && isBad(counts)) {
      change(now, opened(now, 0), Transition.TRIP, words(counts));
    }
  }

  private boolean isBad(Window.Counts counts) {
    return counts.failureRatio() >= config.failureRatio()
        || counts.slowRatio() >= config.slowRatio();
  }

  /** Counts a trial; the verdict falls with the last of them, or as soon as nothing can turn it. */
  private void trialEnded(Stay now, boolean failed, boolean slow) {
    if (failed) {
      now.failed.incrementAndGet();
    }
    if (slow) {
      now.slow.incrementAndGet();
    }
    int ended = now.ended.incrementAndGet(); // last: who sees it sees what it ended with
    Window.Counts sure = new Window.Counts(config.trials(), now.failed.get(), now.slow.get());
    if (isBad(sure)) {
      int inARow = now.failuresInARow + 1;
      change(now, opened(now, inARow), Transition.FAIL, words(sure));
    } else if (ended >= config.trials()) {
      change(now, closed(now.number + 1), Transition.RECOVER, words(sure));
    }
  }

  private static String words(Window.Counts counts) {
    return String.format(
        Locale.ROOT,
        "%d of %d attempts failed, %d were slow",
        counts.failed(),
        counts.calls(),
        counts.slow());
  }

  @Override
  public State state() {
    return present.state;
  }

  @Override
  public long retryAfterNanos() {
    Stay now = present;
    return now.state == State.OPEN ? Math.max(0, now.untilNanos - ticker.getAsLong()) : 0;
  }
}
