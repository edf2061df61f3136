package io.sluice.core.exchange;

import io.sluice.api.http.HeaderName;
import io.sluice.api.http.Headers;
import io.sluice.core.http.GrpcErrors;
import io.sluice.core.http.Known;
import io.sluice.core.http.ParsedRequest;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request field that says how long its sender still waits: whole milliseconds, or, where it is
 * called {@code grpc-timeout}, up to eight digits and a unit as gRPC over HTTP/2 has it.
 */
final class DeadlineField {

  /** The one of gRPC, which needs no configuration. */
  static final DeadlineField GRPC = new DeadlineField("grpc-timeout");

  private static final long MAX_MILLIS = 99_999_999;

  private final HeaderName name;
  private final boolean grpc;

  DeadlineField(String name) {
    this.name = HeaderName.of(name);
    this.grpc = name.equalsIgnoreCase("grpc-timeout");
  }

  /** The field that means something in a request on that route, or null. */
  static @Nullable DeadlineField of(RoutePlan plan, ParsedRequest head) {
    DeadlineField configured = plan.deadlineField();
    if ((configured == null || configured.grpc)
        && head.headers().has(Known.GRPC_TIMEOUT)
        && GrpcErrors.isCall(head.headers())) {
      return GRPC;
    }
    return configured;
  }

  /**
   * Whether anybody may send it: who cuts a gRPC call short harms no call but that one, as long as
   * no endpoint is blamed for it.
   */
  boolean forEverybody() {
    return this == GRPC;
  }

  /** What the field allows, in nanoseconds, or {@link Long#MAX_VALUE} where it says nothing. */
  long read(Headers headers) {
    String value = headers.get(name);
    if (value == null || value.isEmpty()) {
      return Long.MAX_VALUE;
    }
    TimeUnit unit = grpc ? unit(value.charAt(value.length() - 1)) : TimeUnit.MILLISECONDS;
    int digits = grpc ? value.length() - 1 : value.length();
    if (unit == null || digits < 1 || digits > (grpc ? 8 : 12)) {
      return Long.MAX_VALUE;
    }
    long number = 0;
    for (int i = 0; i < digits; i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return Long.MAX_VALUE;
      }
      number = 10 * number + digit;
    }
    return unit.toNanos(number);
  }

  private static @Nullable TimeUnit unit(char letter) {
    return switch (letter) {
      case 'H' -> TimeUnit.HOURS;
      case 'M' -> TimeUnit.MINUTES;
      case 'S' -> TimeUnit.SECONDS;
      case 'm' -> TimeUnit.MILLISECONDS;
      case 'u' -> TimeUnit.MICROSECONDS;
      case 'n' -> TimeUnit.NANOSECONDS;
      default -> null;
    };
  }

  /**
   * Writes what is left, rounded up to a millisecond; without a limit the field goes.
   *
   * @param leftNanos {@link Long#MAX_VALUE} for no limit
   */
  void write(Headers headers, long leftNanos) {
    if (leftNanos == Long.MAX_VALUE) {
      headers.remove(name);
      return;
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(Math.max(0, leftNanos - 1)) + 1;
    String text = Long.toString(Math.min(MAX_MILLIS, Math.max(1, millis)));
    headers.set(name, grpc ? text + "m" : text);
  }
}
