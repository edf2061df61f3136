package io.sluice.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.observe.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HedgingTest {

  private static final Duration AFTER = Duration.ofMillis(50);

  private final ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
  private final MeterRegistry registry = new MeterRegistry();

  @AfterEach
  void stop() {
    control.shutdownNow();
  }

  private Hedging hedging(HedgeConfig config) {
    return new Hedging(config, "app", 1, registry.scope(), control);
  }

  @Test
  void spendsNoMoreThanItsShareOfTheRequests() {
    Hedging hedging = hedging(new HedgeConfig(AFTER, 0, 100, 0.1, 0));
    int hedges = 0;
    for (int i = 0; i < 10_000; i++) {
      hedging.onRequest(0);
      hedges += hedging.trySpend(0, i) ? 1 : 0;
    }
    assertThat(hedges).isBetween(998, 1000);
  }

  @Test
  void aPauseGathersNoMoreThanABurst() {
    Hedging hedging = hedging(new HedgeConfig(AFTER, 0, 100, 0.1, 1));
    for (int i = 0; i < 10_000; i++) {
      hedging.onRequest(0);
    }
    long later = System.nanoTime() + TimeUnit.HOURS.toNanos(1);
    int hedges = 0;
    while (hedging.trySpend(0, later)) {
      hedges++;
    }
    assertThat(hedges).isEqualTo(Hedging.BURST);
  }

  @Test
  void aFewASecondAreThereForAnUpstreamWithLittleToDo() {
    Hedging hedging = hedging(new HedgeConfig(AFTER, 0, 100, 0, 1));
    long now = System.nanoTime();
    assertThat(hedging.trySpend(0, now)).isTrue();
    assertThat(hedging.trySpend(0, now)).isFalse();
    assertThat(hedging.trySpend(0, now + TimeUnit.MILLISECONDS.toNanos(1001))).isTrue();
  }

  @Test
  void whatWasNotSentIsGivenBack() {
    Hedging hedging = hedging(new HedgeConfig(AFTER, 0, 100, 0, 1));
    long now = System.nanoTime();
    assertThat(hedging.trySpend(0, now)).isTrue();
    hedging.giveBack(0);
    assertThat(hedging.trySpend(0, now)).isTrue();
  }

  @Test
  void aPercentileIsWorkedOutFromWhatCameAndHasAFloor() {
    Hedging hedging = hedging(new HedgeConfig(null, 0.95, 100, 0.1, 1));
    assertThat(hedging.delayNanos()).isEqualTo(Long.MAX_VALUE);
    for (int i = 0; i < 100; i++) {
      hedging.onResponse(0, TimeUnit.MILLISECONDS.toNanos(i < 90 ? 1 : 40));
    }
    hedging.tick();
    assertThat(hedging.delayNanos())
        .isBetween(TimeUnit.MILLISECONDS.toNanos(40), TimeUnit.MILLISECONDS.toNanos(45));
    for (int i = 0; i < 100_000; i++) {
      hedging.onResponse(0, 1000);
    }
    hedging.tick();
    assertThat(hedging.delayNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(1));
    hedging.close();
  }
}
