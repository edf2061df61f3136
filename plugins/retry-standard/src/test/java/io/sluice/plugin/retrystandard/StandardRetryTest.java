package io.sluice.plugin.retrystandard;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.RetryPolicy;
import io.sluice.api.upstream.RetryPolicyFactory;
import io.sluice.plugin.testkit.FakeAttempt;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.FakeRequest;
import io.sluice.plugin.testkit.PluginTester;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class StandardRetryTest {

  private final FakePluginContext context = new FakePluginContext("upstreams.users.retry");

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(RetryPolicyFactory.class))
        .anyMatch(factory -> factory.type().equals("standard"));
  }

  @Test
  void triesThreeTimesWithoutATimeLimitUnlessToldOtherwise() {
    assertThat(policy("").maxAttempts()).isEqualTo(3);
    assertThat(policy("").perTryNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(policy("per-try-timeout = 2s").perTryNanos()).isEqualTo(2_000_000_000L);
  }

  @Test
  void goesToTheNextEndpointAtOnceWhenNoConnectionWasMade() {
    RetryPolicy policy = policy("backoff { base = 1h, max = 1h }");

    assertThat(ask(policy, FakeAttempt.failed(ErrorKind.CONNECTION_REFUSED), 1)).isZero();
  }

  @Test
  void waitsBeforeEveryOtherRetry() {
    RetryPolicy policy = policy("");

    for (int i = 0; i < 20; i++) {
      assertThat(ask(policy, FakeAttempt.failed(ErrorKind.CONNECTION_REFUSED), 2))
          .isBetween(0L, Duration.ofMillis(50).toNanos());
      assertThat(ask(policy, FakeAttempt.answered(503), 1))
          .isBetween(0L, Duration.ofMillis(25).toNanos());
    }
  }

  @Test
  void doesNotTryAgainWhatIsNotNamed() {
    assertThat(ask(policy(""), FakeAttempt.answered(500), 1)).isEqualTo(RetryPolicy.NO);
    assertThat(ask(policy("on = [500]"), FakeAttempt.answered(503), 1)).isEqualTo(RetryPolicy.NO);
  }

  @Test
  void doesNotTryAgainForAClientThatLeft() {
    assertThat(ask(policy("on = [5xx, reset]"), FakeAttempt.abandoned(), 1))
        .isEqualTo(RetryPolicy.NO);
  }

  /** It counts against nobody, so it is cancelled, and yet the client waits. */
  @Test
  void triesAgainWhatAnEndpointTurnedAwayUnread() {
    FakeAttempt refused =
        new FakeAttempt(0, ErrorKind.CONNECTION_TERMINATED, true, false, 1_000, 1_000, -1);

    assertThat(ask(policy("on = [refused-stream]"), refused, 1)).isNotNegative();
    assertThat(ask(policy("on = [502]"), refused, 1)).isEqualTo(RetryPolicy.NO);
  }

  @Test
  void waitsAsLongAsRetryAfterAsksWithinItsBound() {
    FakeAttempt busy = FakeAttempt.answered(503).retryAfter(Duration.ofSeconds(1));

    assertThat(ask(policy(""), busy, 1)).isEqualTo(Duration.ofSeconds(1).toNanos());
  }

  @Test
  void eachRouteHasABudgetOfItsOwn() {
    RetryPolicy policy = policy("budget { ratio = 0%, per-second = 1, reserve = 1s }");
    RetryPolicy one = policy.forRoute("one");
    RetryPolicy two = policy.forRoute("two");

    assertThat(ask(one, FakeAttempt.answered(503), 1)).isNotNegative();
    assertThat(ask(one, FakeAttempt.answered(503), 1)).isEqualTo(RetryPolicy.NO);
    assertThat(ask(two, FakeAttempt.answered(503), 1)).isNotNegative();

    context.advance(Duration.ofSeconds(1));
    assertThat(ask(one, FakeAttempt.answered(503), 1)).isNotNegative();
  }

  @Test
  void noMoreThanAShareOfTheExchangesMayBeAtARetry() {
    RetryPolicy policy = policy("budget { concurrent = 20%, min-concurrent = 1 }");
    RetryPolicy one = policy.forRoute("one");
    RetryPolicy two = policy.forRoute("two");
    for (int i = 0; i < 10; i++) {
      one.onRequest();
    }

    assertThat(ask(one, FakeAttempt.answered(503), 1)).isNotNegative();
    assertThat(ask(two, FakeAttempt.answered(503), 1)).isNotNegative();
    assertThat(ask(two, FakeAttempt.answered(503), 1)).isEqualTo(RetryPolicy.NO);
    assertThat(ask(one, FakeAttempt.answered(503), 2)).as("it counts already").isNotNegative();

    one.onRequestEnd(2);
    for (int i = 0; i < 8; i++) {
      one.onRequestEnd(0);
    }
    assertThat(ask(one, FakeAttempt.answered(503), 1)).isEqualTo(RetryPolicy.NO);
    two.onRequestEnd(1);
    assertThat(ask(one, FakeAttempt.answered(503), 1)).as("one may always").isNotNegative();
  }

  @Test
  void aTimeLimitForEachTryMakesATimeoutOneOfTheConditions() {
    FakeAttempt late = FakeAttempt.failed(ErrorKind.RESPONSE_TIMEOUT);

    assertThat(ask(policy(""), late, 1)).isEqualTo(RetryPolicy.NO);
    assertThat(ask(policy("per-try-timeout = 1s"), late, 1)).isNotNegative();
    assertThat(ask(policy("per-try-timeout = 1s, on = [reset]"), late, 1))
        .isEqualTo(RetryPolicy.NO);
  }

  @Test
  void givesUpWhenRetryAfterIsTooLong() {
    FakeAttempt busy = FakeAttempt.answered(503).retryAfter(Duration.ofSeconds(2));

    assertThat(ask(policy(""), busy, 1)).isEqualTo(RetryPolicy.NO);
    assertThat(ask(policy("max-retry-after = 2s"), busy, 1)).isPositive();
  }

  @Test
  void stopsAndCountsWhenTheBudgetIsSpent() {
    RetryPolicy policy = policy("budget { ratio = 50%, per-second = 0 }");
    policy.onRequest();
    policy.onRequest();

    assertThat(ask(policy, FakeAttempt.answered(503), 1)).isNotEqualTo(RetryPolicy.NO);
    assertThat(ask(policy, FakeAttempt.answered(503), 1)).isEqualTo(RetryPolicy.NO);
    assertThat(exhausted()).isEqualTo(1);
  }

  @Test
  void paysNothingForTheFirstRetryOfWhatReachedNobody() {
    RetryPolicy policy = policy("budget { ratio = 0%, per-second = 0 }");

    for (ErrorKind kind :
        List.of(ErrorKind.CONNECTION_REFUSED, ErrorKind.CONNECTION_TIMEOUT, ErrorKind.DNS_ERROR)) {
      assertThat(ask(policy, FakeAttempt.failed(kind), 1)).as(kind.label()).isZero();
      assertThat(ask(policy, FakeAttempt.failed(kind), 2)).isEqualTo(RetryPolicy.NO);
    }
    assertThat(ask(policy, FakeAttempt.failed(ErrorKind.TLS_ERROR), 1)).isEqualTo(RetryPolicy.NO);
  }

  @Test
  void movesItsWindowWithTime() {
    RetryPolicy policy = policy("budget { ratio = 0%, per-second = 1, reserve = 1s }");
    assertThat(ask(policy, FakeAttempt.answered(503), 1)).isNotEqualTo(RetryPolicy.NO);
    assertThat(ask(policy, FakeAttempt.answered(503), 1)).isEqualTo(RetryPolicy.NO);

    context.advance(Duration.ofSeconds(1));

    assertThat(ask(policy, FakeAttempt.answered(503), 1)).isNotEqualTo(RetryPolicy.NO);
  }

  @Test
  void doesNotSpendWhenAskedAboutAStatus() {
    RetryPolicy policy = policy("budget { ratio = 0%, per-second = 1, reserve = 1s }");

    for (int i = 0; i < 10; i++) {
      assertThat(policy.retriesStatus(503)).isTrue();
    }
    assertThat(policy.retriesStatus(500)).isFalse();
    assertThat(ask(policy, FakeAttempt.answered(503), 1)).isNotEqualTo(RetryPolicy.NO);
  }

  private long exhausted() {
    return context
        .meters()
        .count("sluice_retry_budget_exhausted_total", "policy", "upstreams.users.retry");
  }

  private RetryPolicy policy(String hocon) {
    return PluginTester.of(new StandardRetryFactory()).with(context).create(hocon).instance();
  }

  private static long ask(RetryPolicy policy, AttemptOutcome outcome, int attempts) {
    return policy.retryAfter(FakeRequest.of("GET / HTTP/1.1"), outcome, attempts);
  }
}
