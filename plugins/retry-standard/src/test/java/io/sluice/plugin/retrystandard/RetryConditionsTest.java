package io.sluice.plugin.retrystandard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.plugin.testkit.FakeAttempt;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryConditionsTest {

  @ParameterizedTest
  @CsvSource({
    "connect-failure, CONNECTION_REFUSED",
    "connect-failure, CONNECTION_TIMEOUT",
    "connect-failure, TLS_ERROR",
    "connect-failure, TLS_CERTIFICATE_ERROR",
    "connect-failure, TLS_ALERT_RECEIVED",
    "connect-failure, DNS_ERROR",
    "reset, CONNECTION_TERMINATED",
    "timeout, RESPONSE_TIMEOUT",
    "bad-response, BAD_RESPONSE",
    "bad-response, RESPONSE_TOO_LARGE"
  })
  void holdForTheirErrors(String condition, ErrorKind error) {
    assertThat(conditions(condition).holdFor(FakeAttempt.failed(error))).isTrue();
    assertThat(conditions("502").holdFor(FakeAttempt.failed(error))).isFalse();
  }

  @Test
  void neverHoldForWhatARepetitionCannotCure() {
    RetryConditions all =
        conditions("connect-failure", "reset", "refused-stream", "timeout", "bad-response", "5xx");

    for (ErrorKind error :
        List.of(
            ErrorKind.REQUEST_DEADLINE,
            ErrorKind.RESPONSE_BROKEN,
            ErrorKind.LIMIT_REACHED,
            ErrorKind.NO_ENDPOINT,
            ErrorKind.INTERNAL_ERROR)) {
      assertThat(all.holdFor(FakeAttempt.failed(error))).as(error.label()).isFalse();
    }
  }

  @Test
  void tellARefusedStreamFromOneThatWasRead() {
    AttemptOutcome read = FakeAttempt.failed(ErrorKind.CONNECTION_TERMINATED);
    AttemptOutcome unread =
        new FakeAttempt(0, ErrorKind.CONNECTION_TERMINATED, false, false, 1, 1, -1);

    assertThat(conditions("refused-stream").holdFor(unread)).isTrue();
    assertThat(conditions("refused-stream").holdFor(read)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "gateway-error, 502, 500",
    "5xx, 500, 499",
    "5xx, 599, 404",
    "retriable-4xx, 429, 404",
    "418, 418, 419"
  })
  void holdForTheirStatuses(String condition, int status, int other) {
    assertThat(conditions(condition).holdForStatus(status)).isTrue();
    assertThat(conditions(condition).holdFor(FakeAttempt.answered(status))).isTrue();
    assertThat(conditions(condition).holdForStatus(other)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"resett", "200", "302", "600", "5XX", "''"})
  void refuseWhatIsNoCondition(String member) {
    assertThatThrownBy(() -> conditions(member))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"" + member + "\" is no condition");
  }

  private static RetryConditions conditions(String... members) {
    return RetryConditions.of(List.of(members));
  }
}
