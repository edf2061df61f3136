package io.sluice.plugin.circuitbreaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.limit.CircuitBreaker;
import io.sluice.api.limit.CircuitBreaker.State;
import io.sluice.api.limit.CircuitBreakerFactory;
import io.sluice.plugin.testkit.FakeAttempt;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.PluginTester;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandardBreakerTest {

  private static final FakeAttempt OK = FakeAttempt.answered(200);
  private static final FakeAttempt ERROR = FakeAttempt.answered(500);
  private static final FakeAttempt SLOW = OK.after(Duration.ofSeconds(2));
  private static final String PLACE = "upstreams.users.circuit-breaker";

  private final FakePluginContext context = new FakePluginContext(PLACE);
  private CircuitBreaker breaker;

  private void start(String hocon) {
    breaker = PluginTester.of(new StandardBreakerFactory()).with(context).create(hocon).instance();
  }

  private void send(int times, FakeAttempt outcome) {
    for (int i = 0; i < times; i++) {
      long pass = breaker.tryPass();
      assertThat(pass).isNotEqualTo(CircuitBreaker.REFUSED);
      breaker.onAttemptEnd(pass, outcome);
    }
  }

  private List<Long> passes(int most) {
    List<Long> passes = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      long pass = breaker.tryPass();
      if (pass != CircuitBreaker.REFUSED) {
        passes.add(pass);
      }
    }
    return passes;
  }

  private void is(State state) {
    assertThat(breaker.state()).isEqualTo(state);
    for (State each : State.values()) {
      String label = each.name().toLowerCase(java.util.Locale.ROOT);
      assertThat(
              context
                  .meters()
                  .value("sluice_circuit_breaker_state", "breaker", PLACE, "state", label))
          .isEqualTo(each == state ? 1 : 0);
    }
  }

  private void trip(String hocon) {
    start(hocon);
    send(20, ERROR);
    is(State.OPEN);
  }

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(CircuitBreakerFactory.class))
        .anyMatch(factory -> factory.type().equals("standard"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "window-calls = 100"})
  void opensWhenHalfOfAtLeastTwentyFailed(String hocon) {
    start(hocon);
    send(10, OK);
    send(9, ERROR);
    is(State.CLOSED);
    send(1, ERROR);
    is(State.OPEN);
    assertThat(breaker.tryPass()).isEqualTo(CircuitBreaker.REFUSED);
    assertThat(
            context
                .meters()
                .count("sluice_circuit_breaker_transitions_total", "breaker", PLACE, "to", "open"))
        .isEqualTo(1);
  }

  @Test
  void forgetsFailuresThatLeftTheWindow() {
    start("window = 2s");
    send(19, ERROR);
    context.advance(Duration.ofSeconds(2));
    send(19, ERROR);
    is(State.CLOSED);
  }

  @Test
  void opensWhenTooManyAreSlow() {
    start("failure-ratio = off, slow-call = 1s, slow-ratio = 50%");
    send(100, ERROR);
    context.advance(Duration.ofSeconds(20));
    send(10, OK);
    send(9, SLOW);
    is(State.CLOSED);
    send(1, SLOW);
    is(State.OPEN);
  }

  @Test
  void whatSaysNothingDoesNotCount() {
    start("");
    send(100, FakeAttempt.abandoned());
    send(100, FakeAttempt.failed(ErrorKind.LIMIT_REACHED));
    send(100, FakeAttempt.answered(501));
    send(19, ERROR);
    is(State.CLOSED);
  }

  @Test
  void staysOpenForItsTimeAndSaysHowLong() {
    trip("open = 30s");
    context.advance(Duration.ofSeconds(20));
    assertThat(breaker.retryAfterNanos()).isEqualTo(Duration.ofSeconds(10).toNanos());
    assertThat(breaker.tryPass()).isEqualTo(CircuitBreaker.REFUSED);
    context.advance(Duration.ofSeconds(10));
    assertThat(breaker.retryAfterNanos()).isZero();
    assertThat(passes(100)).hasSize(5);
    is(State.HALF_OPEN);
  }

  @Test
  void closesWhenTheTrialsWentWellAndBeginsWithAnEmptyWindow() {
    trip("trials = 3");
    context.advance(Duration.ofSeconds(30));
    send(2, OK);
    send(1, ERROR); // one of three is less than half
    is(State.CLOSED);
    send(19, ERROR);
    is(State.CLOSED);
  }

  @Test
  void opensAgainAsSoonAsTrialsCannotGoWellAnyMore() {
    trip("trials = 4");
    context.advance(Duration.ofSeconds(30));
    send(1, OK);
    send(1, ERROR);
    is(State.HALF_OPEN);
    send(1, ERROR);
    is(State.OPEN);
  }

  @Test
  void slowTrialsAreNoRecovery() {
    trip("trials = 1, slow-call = 1s");
    context.advance(Duration.ofSeconds(30));
    send(1, SLOW);
    is(State.OPEN);
  }

  @Test
  void staysOpenLongerEachTimeTheTrialsFail() {
    trip("trials = 1, open = 10s, growth = 2, max-open = 35s");
    for (int seconds : new int[] {10, 20, 35, 35}) {
      assertThat(breaker.retryAfterNanos()).isEqualTo(Duration.ofSeconds(seconds).toNanos());
      context.advance(Duration.ofSeconds(seconds));
      send(1, ERROR);
      is(State.OPEN);
    }
    context.advance(Duration.ofSeconds(35));
    send(1, OK);
    send(20, ERROR);
    assertThat(breaker.retryAfterNanos()).isEqualTo(Duration.ofSeconds(10).toNanos());
  }

  @Test
  void whatBeganBeforeTheTrialsIsNoTrial() {
    start("trials = 2");
    List<Long> early = passes(3);
    send(20, ERROR);
    context.advance(Duration.ofSeconds(30));
    List<Long> trials = passes(2);
    early.forEach(pass -> breaker.onAttemptEnd(pass, ERROR));
    is(State.HALF_OPEN);
    trials.forEach(pass -> breaker.onAttemptEnd(pass, OK));
    is(State.CLOSED);
    trials.forEach(pass -> breaker.onAttemptEnd(pass, ERROR)); // too late to matter
    is(State.CLOSED);
  }

  @Test
  void aTrialThatSaysNothingGivesItsPlaceBack() {
    trip("trials = 1");
    context.advance(Duration.ofSeconds(30));
    send(5, FakeAttempt.abandoned());
    is(State.HALF_OPEN);
    send(1, OK);
    is(State.CLOSED);
  }

  @Test
  void trialsThatNeverEndMakeRoomForOthers() {
    trip("trials = 2, trial-timeout = 1m");
    context.advance(Duration.ofSeconds(30));
    List<Long> hanging = passes(10);
    assertThat(hanging).hasSize(2);
    context.advance(Duration.ofSeconds(59));
    assertThat(passes(10)).isEmpty();
    context.advance(Duration.ofSeconds(1));
    List<Long> next = passes(10);
    assertThat(next).hasSize(2);
    hanging.forEach(pass -> breaker.onAttemptEnd(pass, ERROR));
    is(State.HALF_OPEN);
    next.forEach(pass -> breaker.onAttemptEnd(pass, OK));
    is(State.CLOSED);
  }

  @Test
  void threadsAtOnceGetAsManyTrialsAsThereAre() throws InterruptedException {
    trip("trials = 7");
    context.advance(Duration.ofSeconds(30));
    AtomicInteger passed = new AtomicInteger();
    int threads = 4;
    CountDownLatch done = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      new Thread(
              () -> {
                passed.addAndGet(passes(1_000).size());
                done.countDown();
              })
          .start();
    }
    done.await();
    assertThat(passed).hasValue(7);
  }
}
