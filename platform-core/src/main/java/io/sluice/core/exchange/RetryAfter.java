package io.sluice.core.exchange;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Retry-After field (RFC 9110 §10.2.3): seconds, or a date in any of the three forms that a
 * recipient has to know (§5.6.7).
 */
final class RetryAfter {

  private static final Logger log = LoggerFactory.getLogger(RetryAfter.class);

  /** What a value that cannot be read means. */
  static final long NONE = -1;

  private static final int MAX_DIGITS = 9;

  private static final DateTimeFormatter DATE =
      new DateTimeFormatterBuilder()
          .appendOptional(pattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'"))
          .appendOptional(
              new DateTimeFormatterBuilder()
                  .appendPattern("EEEE, dd-MMM-")
                  .appendValueReduced(ChronoField.YEAR, 2, 2, 1970)
                  .appendPattern(" HH:mm:ss 'GMT'")
                  .toFormatter(Locale.US))
          .appendOptional(pattern("EEE MMM ppd HH:mm:ss yyyy"))
          .toFormatter(Locale.US)
          .withZone(ZoneOffset.UTC);

  private RetryAfter() {}

  private static DateTimeFormatter pattern(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.US);
  }

  /**
   * What {@code value} asks to wait.
   *
   * @param value the field's value, or null where it is absent
   * @return nanoseconds, 0 for what lies in the past, or {@link #NONE}
   */
  static long nanos(@Nullable String value, Instant now) {
    if (value == null || value.isEmpty()) {
      return NONE;
    }
    if (isNumber(value)) {
      return TimeUnit.SECONDS.toNanos(Long.parseLong(value));
    }
    try {
      long millis = DATE.parse(value, Instant::from).toEpochMilli() - now.toEpochMilli();
      return TimeUnit.MILLISECONDS.toNanos(Math.max(0, millis));
    } catch (DateTimeException e) {
      log.debug("a Retry-After that is neither seconds nor a date", e);
      return NONE;
    }
  }

  private static boolean isNumber(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < '0' || value.charAt(i) > '9') {
        return false;
      }
    }
    return value.length() <= MAX_DIGITS;
  }
}
