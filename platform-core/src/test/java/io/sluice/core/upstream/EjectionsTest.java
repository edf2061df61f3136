package io.sluice.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.core.observe.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EjectionsTest {

  private static final Duration LONG = Duration.ofHours(1);

  /** Never lets a timer fire: the test does, also those that were cancelled. */
  private static final class Timers extends ScheduledThreadPoolExecutor {
    private final List<Runnable> planned = new ArrayList<>();

    Timers() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
      if (delay > 0) { // what is merely executed comes this way too
        planned.add(command);
      }
      return super.schedule(command, delay, unit);
    }
  }

  private final Timers timers = new Timers();
  private final AtomicInteger changes = new AtomicInteger();
  private final EndpointState one = Endpoints.at("one");
  private final EndpointState two = Endpoints.at("two");
  private final EndpointState three = Endpoints.at("three");
  private final Ejections ejections =
      new Ejections(
          new Ejections.Owner("app", () -> List.of(one, two, three), changes::incrementAndGet),
          0.3,
          timers,
          new MeterRegistry().scope());

  @AfterEach
  void stop() {
    timers.shutdownNow();
  }

  @Test
  void endsAnEjectionWhenItsTimeIsOver() {
    assertThat(ejections.eject(one, LONG, "slow")).isTrue();
    assertThat(one.ejected()).isTrue();
    await().until(() -> changes.get() == 1);

    timers.planned.get(0).run();

    assertThat(one.ejected()).isFalse();
    await().until(() -> changes.get() == 2);
  }

  @Test
  void aTimerThatFiresLateLeavesTheNextEjectionAlone() {
    ejections.eject(one, LONG, "slow");
    ejections.restore(one);
    ejections.eject(one, LONG, "slow");

    timers.planned.get(0).run();

    assertThat(one.ejected()).isTrue();
    timers.planned.get(1).run();
    assertThat(one.ejected()).isFalse();
  }

  @Test
  void allowsOneAndNoMoreThanTheShare() {
    assertThat(ejections.eject(one, LONG, "slow")).isTrue();
    assertThat(ejections.eject(one, LONG, "slow")).isFalse();
    assertThat(ejections.eject(two, LONG, "slow")).isFalse();

    ejections.restore(one);

    assertThat(ejections.eject(two, LONG, "slow")).isTrue();
    assertThat(ejections.ejected()).isEqualTo(1);
  }

  @Test
  void neverTakesOutTheLastThatServes() {
    two.healthy(false);
    three.admin(EndpointState.Admin.DISABLED);

    assertThat(ejections.eject(one, LONG, "slow")).isFalse();
  }

  @Test
  void decidesNothingAfterItsEnd() {
    ejections.eject(one, LONG, "slow");
    ejections.close();

    assertThat(ejections.eject(two, LONG, "slow")).isFalse();
    timers.planned.get(0).run();
    assertThat(one.ejected()).isTrue();
  }
}
