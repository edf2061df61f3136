package io.sluice.core.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads and writes durations, sizes and shares. Units are strict: only 0 may go without. */
final class Quantities {
  static final String A_DURATION = "a duration such as 250ms, 30s or 1h30m";
  static final String A_SIZE = "a size such as 512B, 64K or 8MB";
  static final String A_SHARE = "a share such as 20%";

  private static final Pattern DURATION =
      Pattern.compile("(?:[0-9]+(?:\\.[0-9]+)?\\s*\\p{Alpha}+\\s*)+");
  private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*(\\p{Alpha}+)");
  private static final Pattern SIZE = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*(\\p{Alpha}+)");
  private static final Pattern SHARE = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*%");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+(?:\\.[0-9]+)?");
  private static final Pattern ZERO = Pattern.compile("0+(?:\\.0+)?");

  private static final long SECOND = 1_000_000_000L;
  private static final Map<String, Long> DURATION_UNITS =
      Map.ofEntries(
          Map.entry("ms", SECOND / 1000),
          Map.entry("milli", SECOND / 1000),
          Map.entry("millis", SECOND / 1000),
          Map.entry("millisecond", SECOND / 1000),
          Map.entry("milliseconds", SECOND / 1000),
          Map.entry("s", SECOND),
          Map.entry("second", SECOND),
          Map.entry("seconds", SECOND),
          Map.entry("m", 60 * SECOND),
          Map.entry("minute", 60 * SECOND),
          Map.entry("minutes", 60 * SECOND),
          Map.entry("h", 3600 * SECOND),
          Map.entry("hour", 3600 * SECOND),
          Map.entry("hours", 3600 * SECOND),
          Map.entry("d", 86_400 * SECOND),
          Map.entry("day", 86_400 * SECOND),
          Map.entry("days", 86_400 * SECOND));
  private static final Map<String, Long> SIZE_UNITS =
      Map.ofEntries(
          Map.entry("b", 1L),
          Map.entry("byte", 1L),
          Map.entry("bytes", 1L),
          Map.entry("k", 1L << 10),
          Map.entry("kb", 1L << 10),
          Map.entry("kib", 1L << 10),
          Map.entry("m", 1L << 20),
          Map.entry("mb", 1L << 20),
          Map.entry("mib", 1L << 20),
          Map.entry("g", 1L << 30),
          Map.entry("gb", 1L << 30),
          Map.entry("gib", 1L << 30));
  private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

  private Quantities() {}

  static Duration duration(String text) throws Refused {
    String trimmed = text.strip();
    if (ZERO.matcher(trimmed).matches()) {
      return Duration.ZERO;
    }
    refuseSignAndMissingUnit(trimmed, A_DURATION, trimmed + "s or " + trimmed + "ms");
    if (!DURATION.matcher(trimmed).matches()) {
      throw Refused.expecting("{} is not a duration", A_DURATION);
    }
    BigDecimal nanos = BigDecimal.ZERO;
    long smallerThan = Long.MAX_VALUE;
    Matcher part = PART.matcher(trimmed);
    while (part.find()) {
      Long unit = DURATION_UNITS.get(part.group(2));
      if (unit == null) {
        throw unknownUnit(part.group(2), "ms, s, m, h or d");
      }
      if (unit >= smallerThan) {
        throw Refused.expecting(
            "the parts of {} do not go from large to small", "larger units first, as in 1h30m");
      }
      smallerThan = unit;
      nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit)));
    }
    // One less than the largest, which stands for "off".
    if (nanos.compareTo(LONG_MAX) >= 0) {
      throw Refused.expecting("{} is too long", "at most 100000 days");
    }
    return Duration.ofNanos(nanos.setScale(0, RoundingMode.HALF_UP).longValueExact());
  }

  static long size(String text) throws Refused {
    String trimmed = text.strip();
    if (ZERO.matcher(trimmed).matches()) {
      return 0;
    }
    refuseSignAndMissingUnit(trimmed, A_SIZE, trimmed + "B, " + trimmed + "K or " + trimmed + "M");
    Matcher matcher = SIZE.matcher(trimmed);
    if (!matcher.matches()) {
      throw Refused.expecting("{} is not a size", A_SIZE);
    }
    Long unit = SIZE_UNITS.get(matcher.group(2).toLowerCase(Locale.ROOT));
    if (unit == null) {
      throw unknownUnit(matcher.group(2), "B, K, M or G");
    }
    BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit));
    if (bytes.stripTrailingZeros().scale() > 0) {
      throw Refused.expecting("{} is not a whole number of bytes", A_SIZE);
    }
    if (bytes.compareTo(LONG_MAX) >= 0) {
      throw Refused.expecting("{} is too large", "less than 8589934592G");
    }
    return bytes.longValueExact();
  }

  static double share(String text, int maxPercent) throws Refused {
    String trimmed = text.strip();
    if (ZERO.matcher(trimmed).matches()) {
      return 0;
    }
    String percent = "";
    if (NUMBER.matcher(trimmed).matches()) {
      BigDecimal number = new BigDecimal(trimmed);
      percent = number.compareTo(BigDecimal.ONE) <= 0 ? plain(number.movePointRight(2)) : trimmed;
    }
    refuseSignAndMissingUnit(trimmed, A_SHARE, percent + "%");
    Matcher matcher = SHARE.matcher(trimmed);
    if (!matcher.matches()) {
      throw Refused.expecting("{} is not a share", A_SHARE);
    }
    BigDecimal number = new BigDecimal(matcher.group(1));
    if (number.compareTo(BigDecimal.valueOf(maxPercent)) > 0) {
      throw Refused.expecting("{} is too much", "a share from 0% to " + maxPercent + "%");
    }
    return number.movePointLeft(2).doubleValue();
  }

  private static void refuseSignAndMissingUnit(String text, String expected, String corrected)
      throws Refused {
    if (text.isEmpty()) {
      throw Refused.expecting("is empty", expected);
    }
    if (text.charAt(0) == '-' && text.length() > 1 && Character.isDigit(text.charAt(1))) {
      throw Refused.expecting("{} is negative", expected);
    }
    if (NUMBER.matcher(text).matches()) {
      throw Refused.expecting("{} has no unit", corrected);
    }
  }

  private static Refused unknownUnit(String unit, String known) {
    return Refused.expecting("{} has the unknown unit \"" + unit + "\"", known);
  }

  /** The shortest exact notation: {@code 1h30m}, {@code 250ms}, {@code 0s}. */
  static String render(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    StringBuilder text = new StringBuilder();
    long[] amounts = {
      duration.toDays(), duration.toHoursPart(), duration.toMinutesPart(), duration.toSecondsPart(),
    };
    String[] units = {"d", "h", "m", "s"};
    for (int i = 0; i < units.length; i++) {
      if (amounts[i] > 0) {
        text.append(amounts[i]).append(units[i]);
      }
    }
    if (duration.toNanosPart() > 0) {
      text.append(plain(BigDecimal.valueOf(duration.toNanosPart(), 6))).append("ms");
    }
    return text.toString();
  }

  /** The shortest exact notation: {@code 64K}, {@code 1000B}, {@code 0B}. */
  static String renderSize(long bytes) {
    for (String unit : List.of("G", "M", "K")) {
      long factor = factor(unit);
      if (bytes >= factor && bytes % factor == 0) {
        return bytes / factor + unit;
      }
    }
    return bytes + "B";
  }

  static String renderShare(double share) {
    return plain(BigDecimal.valueOf(share).movePointRight(2)) + "%";
  }

  private static long factor(String unit) {
    @Nullable Long factor = SIZE_UNITS.get(unit.toLowerCase(Locale.ROOT));
    return factor == null ? 1 : factor;
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }
}
