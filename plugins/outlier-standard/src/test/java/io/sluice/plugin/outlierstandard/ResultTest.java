package io.sluice.plugin.outlierstandard;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.error.ErrorKind;
import io.sluice.plugin.testkit.FakeAttempt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ResultTest {

  @ParameterizedTest
  @CsvSource({
    "200, SUCCESS",
    "404, SUCCESS",
    "429, SUCCESS",
    "500, SERVER_ERROR",
    "501, SUCCESS",
    "502, GATEWAY_ERROR",
    "503, GATEWAY_ERROR",
    "504, GATEWAY_ERROR",
    "505, SUCCESS",
    "507, SERVER_ERROR"
  })
  void sortsStatuses(int status, Result result) {
    assertThat(Result.of(FakeAttempt.answered(status))).isEqualTo(result);
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorKind.class,
      names = {
        "DNS_ERROR",
        "CONNECTION_REFUSED",
        "CONNECTION_TIMEOUT",
        "TLS_ERROR",
        "CONNECTION_TERMINATED",
        "RESPONSE_TIMEOUT",
        "REQUEST_DEADLINE",
        "RESPONSE_BROKEN"
      })
  void whatTheNetworkDoesIsLocal(ErrorKind kind) {
    assertThat(Result.of(FakeAttempt.failed(kind))).isEqualTo(Result.LOCAL);
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorKind.class,
      names = {"BAD_RESPONSE", "RESPONSE_TOO_LARGE"})
  void whatIsNoResponseCountsAsOne(ErrorKind kind) {
    assertThat(Result.of(FakeAttempt.failed(kind))).isEqualTo(Result.SERVER_ERROR);
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorKind.class,
      names = {
        "LIMIT_REACHED",
        "CIRCUIT_OPEN",
        "BODY_TOO_LARGE",
        "CLIENT_CLOSED",
        "INTERNAL_ERROR"
      })
  void whatIsNotTheEndpointsSaysNothing(ErrorKind kind) {
    assertThat(Result.of(FakeAttempt.failed(kind))).isEqualTo(Result.NOTHING);
  }

  @Test
  void aCancelledAttemptSaysNothing() {
    assertThat(Result.of(FakeAttempt.abandoned())).isEqualTo(Result.NOTHING);
  }
}
