package io.sluice.plugin.outlierstandard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class TallyTest {

  @Test
  void losesNothingOfThreadsAtOnce() throws InterruptedException {
    Tally tally = new Tally(3, 16);
    int threads = 6;
    CountDownLatch done = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      new Thread(
              () -> {
                for (int n = 0; n < 10_000; n++) {
                  tally.increment(n % 2 + 1);
                }
                done.countDown();
              })
          .start();
    }
    done.await();
    assertThat(tally.read()).containsExactly(0, 30_000, 30_000);
  }
}
