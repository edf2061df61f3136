package io.sluice.plugin.circuitbreaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.circuitbreaker.Window.Counts;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowTest {

  /** A ticker may start anywhere, and passes from the greatest number to the least. */
  private static final long START = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(3);

  private static long at(double seconds) {
    return START + (long) (seconds * 1e9);
  }

  @Test
  void theLastCallsPushOutTheOnesBefore() {
    Window window = new LastCalls(3);
    window.add(true, false, 0);
    window.add(false, true, 0);
    assertThat(window.counts(0)).isEqualTo(new Counts(2, 1, 1));
    window.add(true, true, 0);
    window.add(false, false, 0); // the first failure goes
    assertThat(window.counts(0)).isEqualTo(new Counts(3, 1, 2));
    for (int i = 0; i < 3; i++) {
      window.add(false, false, 0);
    }
    assertThat(window.counts(0)).isEqualTo(new Counts(3, 0, 0));
  }

  @Test
  void theLastSecondsForgetTheOnesBefore() {
    Window window = new LastSeconds(10, START);
    window.add(true, false, at(0.5));
    window.add(true, true, at(1.5));
    assertThat(window.counts(at(9.9))).isEqualTo(new Counts(2, 2, 1));
    assertThat(window.counts(at(10))).isEqualTo(new Counts(1, 1, 1));
    window.add(false, false, at(10.5)); // in the place of the first
    assertThat(window.counts(at(10.5))).isEqualTo(new Counts(2, 1, 1));
    assertThat(window.counts(at(100))).isEqualTo(new Counts(0, 0, 0));
  }

  @Test
  void whoComesTooLateForHisSecondIsNotCounted() {
    Window window = new LastSeconds(2, START);
    window.add(false, false, at(4.1));
    window.add(true, false, at(2.9));
    assertThat(window.counts(at(4.2))).isEqualTo(new Counts(1, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void losesNothingOfThreadsAtOnce(boolean byTime) throws InterruptedException {
    Window window = byTime ? new LastSeconds(10, START) : new LastCalls(100_000);
    int threads = 4;
    CountDownLatch done = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      new Thread(
              () -> {
                for (int n = 0; n < 10_000; n++) {
                  window.add(n % 2 == 0, n % 5 == 0, at(n / 2000.0));
                }
                done.countDown();
              })
          .start();
    }
    done.await();
    assertThat(window.counts(at(5))).isEqualTo(new Counts(40_000, 20_000, 8_000));
  }
}
