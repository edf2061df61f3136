package io.sluice.plugin.gradient2;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.limit.ConcurrencyLimiter;
import io.sluice.api.limit.ConcurrencyLimiterFactory;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.PluginTester;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class Gradient2LimiterTest {

  private static final String PLACE = "upstreams.users.concurrency-limiter";

  private final FakePluginContext context = new FakePluginContext(PLACE);

  private ConcurrencyLimiter limiter(String hocon) {
    return PluginTester.of(new Gradient2Factory()).with(context).create(hocon).instance();
  }

  private static int take(ConcurrencyLimiter limiter, int priority) {
    int taken = 0;
    while (limiter.tryAcquire(priority)) {
      taken++;
    }
    return taken;
  }

  private double gauge(String name) {
    return context.meters().value(name, "limiter", PLACE);
  }

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(ConcurrencyLimiterFactory.class))
        .anyMatch(factory -> factory.type().equals("gradient2"));
  }

  @Test
  void shedsTheLessImportantFirst() {
    ConcurrencyLimiter limiter = limiter("");
    assertThat(take(limiter, 3)).isEqualTo(14);
    assertThat(take(limiter, 2)).isEqualTo(2);
    assertThat(take(limiter, 1)).isEqualTo(2);
    assertThat(take(limiter, 0)).isEqualTo(2);
    assertThat(limiter.tryAcquire(99)).isFalse();
    assertThat(limiter.inFlight()).isEqualTo(20);
    assertThat(gauge("sluice_concurrency_in_flight")).isEqualTo(20);
    assertThat(gauge("sluice_concurrency_limit")).isEqualTo(20);
    assertThat(
            context
                .meters()
                .count("sluice_concurrency_shed_total", "limiter", PLACE, "priority", "3"))
        .isEqualTo(2);
  }

  @Test
  void everyPriorityHasAPermitAtLeast() {
    ConcurrencyLimiter limiter =
        limiter("min-limit = 1, initial-limit = 1, priorities = [100%, 1%]");
    assertThat(limiter.tryAcquire(1)).isTrue();
    assertThat(limiter.tryAcquire(0)).isFalse();
  }

  @Test
  void eachOutcomeGivesAPermitBack() {
    ConcurrencyLimiter limiter = limiter("");
    take(limiter, 0);
    limiter.onSuccess(1_000_000, 20);
    limiter.onDropped();
    limiter.onIgnored();
    assertThat(limiter.inFlight()).isEqualTo(17);
    assertThat(take(limiter, 0)).isEqualTo(3);
  }

  @Test
  void learnsAtTheEndOfAWindowWithEnoughInIt() {
    ConcurrencyLimiter limiter = limiter("");
    for (int i = 0; i < 9; i++) {
      limiter.tryAcquire(0);
      limiter.onSuccess(1_000_000, 20);
    }
    context.advance(Duration.ofSeconds(1));
    assertThat(limiter.limit()).isEqualTo(20);
    for (int i = 0; i < 3; i++) {
      for (int n = 0; n < 10; n++) {
        limiter.tryAcquire(0);
        limiter.onSuccess(1_000_000, 20);
      }
      context.advance(Duration.ofMillis(100));
    }
    assertThat(limiter.limit()).isEqualTo(22);
    assertThat(take(limiter, 0)).isEqualTo(22);
  }

  @Test
  void threadsAtOnceNeverPassTheLimit() throws InterruptedException {
    ConcurrencyLimiter limiter = limiter("");
    AtomicInteger most = new AtomicInteger();
    int threads = 4;
    CountDownLatch done = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      new Thread(
              () -> {
                for (int n = 0; n < 20_000; n++) {
                  if (limiter.tryAcquire(0)) {
                    most.accumulateAndGet(limiter.inFlight(), Math::max);
                    if (n % 3 == 0) {
                      limiter.onDropped();
                    } else {
                      limiter.onSuccess(1_000, 3);
                    }
                  }
                }
                done.countDown();
              })
          .start();
    }
    done.await();
    assertThat(most.get()).isBetween(1, 20);
    assertThat(limiter.inFlight()).isZero();
  }
}
