package io.sluice.plugin.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.limit.RateLimitStore.Decision;
import io.sluice.api.limit.RateLimitStore.Quota;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GcraTest {

  /** A hundred a minute, so one each 600 ms; ten at once. */
  private static final Quota QUOTA = new Quota(10, 100, Duration.ofMinutes(1).toNanos());

  private static final long INTERVAL = Duration.ofMillis(600).toNanos();

  /** Close to where a ticker wraps around. */
  private final long start = Long.MAX_VALUE - 3 * INTERVAL;

  private final Gcra bucket = new Gcra(start);

  @Test
  void startsFullAndCountsDown() {
    for (int left = 9; left >= 0; left--) {
      Decision decision = bucket.take(QUOTA, 1, start);
      assertThat(decision.allowed()).isTrue();
      assertThat(decision.remaining()).isEqualTo(left);
      assertThat(decision.resetNanos()).isEqualTo((10 - left) * INTERVAL);
    }
  }

  @Test
  void refusesFromAnEmptyBucketAndSaysWhenToComeBack() {
    takeAll();

    assertThat(bucket.take(QUOTA, 1, start))
        .isEqualTo(new Decision(false, 0, INTERVAL, 10 * INTERVAL));
    assertThat(bucket.take(QUOTA, 1, start + INTERVAL - 1).retryAfterNanos()).isEqualTo(1);
  }

  @Test
  void refillsOneByOne() {
    takeAll();

    assertThat(bucket.take(QUOTA, 1, start + INTERVAL).allowed()).isTrue();
    assertThat(bucket.take(QUOTA, 1, start + INTERVAL).allowed()).isFalse();
    assertThat(bucket.take(QUOTA, 1, start + 2 * INTERVAL).allowed()).isTrue();
  }

  @Test
  void isNotPunishedForRefusals() {
    takeAll();
    for (int i = 0; i < 1_000; i++) {
      bucket.take(QUOTA, 1, start);
    }

    assertThat(bucket.take(QUOTA, 1, start + INTERVAL).allowed()).isTrue();
  }

  @Test
  void isNeverMoreThanFull() {
    takeAll();

    assertThat(bucket.take(QUOTA, 1, start + 1_000 * INTERVAL).remaining()).isEqualTo(9);
  }

  @Test
  void takesSeveralTokensOrNone() {
    assertThat(bucket.take(QUOTA, 7, start).remaining()).isEqualTo(3);
    assertThat(bucket.take(QUOTA, 4, start))
        .isEqualTo(new Decision(false, 3, INTERVAL, 7 * INTERVAL));
    assertThat(bucket.take(QUOTA, 3, start).allowed()).isTrue();
  }

  @Test
  void givesOutEachTokenOnceToManyThreads() throws InterruptedException {
    Quota large = new Quota(1_000, 1, Duration.ofDays(1).toNanos());
    Gcra shared = new Gcra(0);
    AtomicInteger allowed = new AtomicInteger();
    int threads = 4;
    CountDownLatch done = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      new Thread(
              () -> {
                for (int n = 0; n < 1_000; n++) {
                  if (shared.take(large, 1, 0).allowed()) {
                    allowed.incrementAndGet();
                  }
                }
                done.countDown();
              })
          .start();
    }
    done.await();

    assertThat(allowed).hasValue(1_000);
  }

  private void takeAll() {
    for (int i = 0; i < 10; i++) {
      assertThat(bucket.take(QUOTA, 1, start).allowed()).isTrue();
    }
  }
}
