package io.sluice.plugin.retrystandard;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.upstream.AttemptOutcome;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What may be tried again: names of conditions, and status codes. Immutable. */
final class RetryConditions {

  /** A named condition: kinds of error, or status codes. */
  enum Condition {
    /** No connection was made. */
    CONNECT_FAILURE,
    /** The connection broke before the response head. */
    RESET,
    /** The endpoint turned the request away unread: nothing of it can have been processed. */
    REFUSED_STREAM,
    /** No response head in time, be it the route's limit or that of one attempt. */
    TIMEOUT,
    /** The response head breaks the protocol or its bounds. */
    BAD_RESPONSE,
    /** 502, 503, 504. */
    GATEWAY_ERROR,
    /** 500 to 599. */
    SERVER_ERROR,
    /** 408, 409, 425, 429: those that a repetition may cure. */
    RETRIABLE_4XX;

    boolean coversError(ErrorKind error) {
      return switch (this) {
        case CONNECT_FAILURE ->
            error == ErrorKind.CONNECTION_REFUSED
                || error == ErrorKind.CONNECTION_TIMEOUT
                || error == ErrorKind.TLS_ERROR
                || error == ErrorKind.TLS_CERTIFICATE_ERROR
                || error == ErrorKind.TLS_ALERT_RECEIVED
                || error == ErrorKind.DNS_ERROR;
        case RESET -> error == ErrorKind.CONNECTION_TERMINATED;
        case TIMEOUT -> error == ErrorKind.RESPONSE_TIMEOUT;
        case BAD_RESPONSE ->
            error == ErrorKind.BAD_RESPONSE || error == ErrorKind.RESPONSE_TOO_LARGE;
        case REFUSED_STREAM, GATEWAY_ERROR, SERVER_ERROR, RETRIABLE_4XX -> false;
      };
    }

    boolean coversStatus(int status) {
      return switch (this) {
        case GATEWAY_ERROR -> status >= 502 && status <= 504;
        case SERVER_ERROR -> status >= 500 && status <= 599;
        case RETRIABLE_4XX -> status == 408 || status == 409 || status == 425 || status == 429;
        case CONNECT_FAILURE, RESET, REFUSED_STREAM, TIMEOUT, BAD_RESPONSE -> false;
      };
    }

    /** As the configuration writes it. */
    String text() {
      return this == SERVER_ERROR ? "5xx" : name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** What a member may be, to complete "expected: …". */
  static final String EXPECTED =
      Arrays.stream(Condition.values()).map(Condition::text).collect(Collectors.joining(", "))
          + ", or a status code from 400 to 599";

  static final RetryConditions DEFAULT = of(StandardRetryConfig.DEFAULT_CONDITIONS);

  static final RetryConditions DEFAULT_WITH_TIMEOUT =
      of(
          Stream.concat(
                  StandardRetryConfig.DEFAULT_CONDITIONS.stream(),
                  Stream.of(Condition.TIMEOUT.text()))
              .toList());

  private final Set<ErrorKind> errors = EnumSet.noneOf(ErrorKind.class);
  private final BitSet statuses = new BitSet(600);
  private boolean refusedStream;

  private final String text;

  private RetryConditions(List<String> members) {
    text = String.join(", ", members);
  }

  /**
   * Reads the members.
   *
   * @throws IllegalArgumentException naming the member at fault
   */
  static RetryConditions of(List<String> members) {
    RetryConditions conditions = new RetryConditions(members);
    for (String member : members) {
      conditions.add(member);
    }
    return conditions;
  }

  private void add(String member) {
    for (Condition condition : Condition.values()) {
      if (condition.text().equals(member)) {
        for (ErrorKind error : ErrorKind.values()) {
          if (condition.coversError(error)) {
            errors.add(error);
          }
        }
        for (int status = 400; status <= 599; status++) {
          statuses.set(status, statuses.get(status) || condition.coversStatus(status));
        }
        refusedStream |= condition == Condition.REFUSED_STREAM;
        return;
      }
    }
    if (!member.matches("[45][0-9][0-9]")) {
      throw new IllegalArgumentException("\"" + member + "\" is no condition");
    }
    statuses.set(Integer.parseInt(member));
  }

  boolean holdFor(AttemptOutcome outcome) {
    ErrorKind error = outcome.error();
    if (error == null) {
      return statuses.get(outcome.status());
    }
    return errors.contains(error) || (refusedStream && isRefusedStream(outcome));
  }

  boolean holdForStatus(int status) {
    return statuses.get(status);
  }

  /** As they were written. */
  @Override
  public String toString() {
    return text;
  }

  private static boolean isRefusedStream(AttemptOutcome outcome) {
    return outcome.error() == ErrorKind.CONNECTION_TERMINATED && !outcome.requestSent();
  }
}
