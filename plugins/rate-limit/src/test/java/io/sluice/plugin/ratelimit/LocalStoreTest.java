package io.sluice.plugin.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.limit.RateLimitStore.Decision;
import io.sluice.api.limit.RateLimitStore.Quota;
import io.sluice.plugin.testkit.FakeClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LocalStoreTest {

  private static final Quota QUOTA = new Quota(2, 1, Duration.ofMinutes(1).toNanos());

  private final FakeClock clock = new FakeClock();
  private final LocalStore store = new LocalStore(100, clock.ticker());

  @Test
  void keepsABucketForEachKey() {
    take("a");
    take("a");

    assertThat(take("a").allowed()).isFalse();
    assertThat(take("b").allowed()).isTrue();
  }

  @Test
  void refillsWithTime() {
    take("a");
    take("a");

    clock.advance(Duration.ofMinutes(1));

    assertThat(take("a").allowed()).isTrue();
    assertThat(take("a").allowed()).isFalse();
  }

  @Test
  void staysWithinItsBoundWhateverKeysCome() {
    for (int i = 0; i < 10_000; i++) {
      take("key " + i);
      assertThat(store.size()).isLessThanOrEqualTo(100);
    }
  }

  @Test
  void remembersABusyKeyThroughAFloodOfOthers() {
    take("busy");
    take("busy");

    for (int i = 0; i < 1_000; i++) {
      take("flood " + i);
      assertThat(take("busy").allowed()).isFalse();
    }
  }

  @Test
  void forgetsTheLongestIdleFirst() {
    take("idle");
    take("idle");

    for (int i = 0; i < 200; i++) {
      take("flood " + i);
    }

    assertThat(take("idle").remaining()).isEqualTo(1);
  }

  private Decision take(String key) {
    return store.take(key, QUOTA, 1).toCompletableFuture().getNow(null);
  }
}
