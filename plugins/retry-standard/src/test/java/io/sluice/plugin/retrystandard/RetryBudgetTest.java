package io.sluice.plugin.retrystandard;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.retrystandard.StandardRetryConfig.BudgetConfig;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {

  @Test
  void allowsItsReserveToAnIdleUpstream() {
    assertThat(spendAll(budget(0.2, 10))).isEqualTo(100);
  }

  @Test
  void earnsInProportionToRequests() {
    RetryBudget budget = budget(0.2, 0);
    earn(budget, 50);

    assertThat(spendAll(budget)).isEqualTo(10);
  }

  @Test
  void refusesEverythingWithoutRatioAndReserve() {
    RetryBudget budget = budget(0, 0);
    earn(budget, 1_000);

    assertThat(budget.trySpend()).isFalse();
  }

  @Test
  void forgetsWhatWasEarnedBeforeTheWindow() {
    RetryBudget budget = budget(0.2, 0);
    earn(budget, 1_000);
    tick(budget, 9);
    assertThat(budget.trySpend()).isTrue();

    tick(budget, 1);

    assertThat(budget.trySpend()).isFalse();
  }

  @Test
  void forgivesWhatWasSpentBeforeTheWindow() {
    RetryBudget budget = budget(0, 1);
    assertThat(spendAll(budget)).isEqualTo(10);
    tick(budget, 9);
    assertThat(budget.trySpend()).isFalse();

    tick(budget, 1);

    assertThat(spendAll(budget)).isEqualTo(10);
  }

  @Test
  void isNeverOverspentByThreadsAtOnce() throws InterruptedException {
    RetryBudget budget = budget(0, 100);
    AtomicInteger spent = new AtomicInteger();
    int threads = 4;
    CountDownLatch done = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      new Thread(
              () -> {
                spent.addAndGet(spendAll(budget));
                done.countDown();
              })
          .start();
    }
    done.await();

    assertThat(spent).hasValue(1_000);
  }

  private static RetryBudget budget(double ratio, int perSecond) {
    return new RetryBudget(new BudgetConfig(ratio, perSecond, Duration.ofSeconds(10), 0, 3));
  }

  private static void earn(RetryBudget budget, int requests) {
    for (int i = 0; i < requests; i++) {
      budget.earn();
    }
  }

  private static void tick(RetryBudget budget, int seconds) {
    for (int i = 0; i < seconds; i++) {
      budget.tick();
    }
  }

  private static int spendAll(RetryBudget budget) {
    int spent = 0;
    while (budget.trySpend()) {
      spent++;
    }
    return spent;
  }
}
