package io.sluice.core.config;

import io.sluice.api.config.ConfigSection;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How a scalar is read: what it is called in the reference, how text becomes a value, what stands
 * in for a value that could not be read, and how a default is shown.
 */
record KeyKind<T>(String name, Parser<T> parser, T placeholder, Function<? super T, String> show) {
  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,19}");
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,300}(?:\\.[0-9]{1,300})?");

  /** Turns text into a value. */
  interface Parser<T> {
    T parse(String text) throws Refused;
  }

  /** The name in a sentence. */
  String phrase() {
    return name.startsWith("on") ? name : "a " + name;
  }

  static KeyKind<String> text() {
    return new KeyKind<>("text", text -> text, "", text -> '"' + text + '"');
  }

  static KeyKind<Boolean> flag() {
    return new KeyKind<>("on or off", KeyKind::parseFlag, false, on -> on ? "on" : "off");
  }

  private static Boolean parseFlag(String text) throws Refused {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "on", "true", "yes" -> true;
      case "off", "false", "no" -> false;
      case "" -> throw Refused.expecting("is empty", "on or off");
      default -> throw Refused.expecting("{} is neither on nor off", "on or off");
    };
  }

  static KeyKind<Long> integer(long min, long max) {
    String expected = "a whole number" + range(Long.toString(min), max, Long.toString(max));
    return new KeyKind<>(
        expected.substring(2),
        t -> parseInteger(t, min, max, expected),
        min,
        n -> Long.toString(n));
  }

  private static String range(String min, long max, String maxText) {
    return max == Long.MAX_VALUE ? " of at least " + min : " from " + min + " to " + maxText;
  }

  private static Long parseInteger(String text, long min, long max, String expected)
      throws Refused {
    String trimmed = text.strip();
    if (trimmed.isEmpty()) {
      throw Refused.expecting("is empty", expected);
    }
    if (!WHOLE.matcher(trimmed).matches()) {
      throw Refused.expecting("{} is not a whole number", expected);
    }
    BigDecimal number = new BigDecimal(trimmed);
    if (number.compareTo(BigDecimal.valueOf(min)) < 0
        || number.compareTo(BigDecimal.valueOf(max)) > 0) {
      throw Refused.expecting("{} is out of range", expected);
    }
    return number.longValueExact();
  }

  static KeyKind<Double> number(double min, double max) {
    String expected =
        "a number"
            + (max == Double.MAX_VALUE || max == Double.POSITIVE_INFINITY
                ? " of at least " + plain(min)
                : " from " + plain(min) + " to " + plain(max));
    return new KeyKind<>(
        expected.substring(2), t -> parseNumber(t, min, max, expected), min, KeyKind::plain);
  }

  private static Double parseNumber(String text, double min, double max, String expected)
      throws Refused {
    String trimmed = text.strip();
    if (trimmed.isEmpty()) {
      throw Refused.expecting("is empty", expected);
    }
    if (!DECIMAL.matcher(trimmed).matches()) {
      throw Refused.expecting("{} is not a number", expected);
    }
    double number = Double.parseDouble(trimmed);
    if (number < min || number > max) {
      throw Refused.expecting("{} is out of range", expected);
    }
    return number;
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  static KeyKind<Double> share(int maxPercent) {
    return new KeyKind<>(
        "share up to " + maxPercent + "%",
        text -> Quantities.share(text, maxPercent),
        0.0,
        Quantities::renderShare);
  }

  static KeyKind<Duration> duration() {
    return new KeyKind<>("duration", Quantities::duration, Duration.ZERO, Quantities::render);
  }

  static KeyKind<Duration> timeout() {
    return new KeyKind<>(
        "duration or off",
        text -> orWord(text, "off", ConfigSection.OFF, Quantities::duration),
        ConfigSection.OFF,
        time -> time.equals(ConfigSection.OFF) ? "off" : Quantities.render(time));
  }

  static KeyKind<Long> size() {
    return new KeyKind<>("size", Quantities::size, 0L, Quantities::renderSize);
  }

  static KeyKind<Long> sizeBound() {
    return new KeyKind<>(
        "size or unlimited",
        text -> orWord(text, "unlimited", ConfigSection.UNLIMITED, Quantities::size),
        ConfigSection.UNLIMITED,
        size -> size == ConfigSection.UNLIMITED ? "unlimited" : Quantities.renderSize(size));
  }

  static KeyKind<Long> bound(long min) {
    KeyKind<Long> whole = integer(min, Long.MAX_VALUE);
    return new KeyKind<>(
        whole.name + " or unlimited",
        text -> orWord(text, "unlimited", ConfigSection.UNLIMITED, whole.parser),
        ConfigSection.UNLIMITED,
        bound -> bound == ConfigSection.UNLIMITED ? "unlimited" : Long.toString(bound));
  }

  /** Reads one word that stands for "no limit", or else what {@code parser} reads. */
  private static <T> T orWord(String text, String word, T meaning, Parser<T> parser)
      throws Refused {
    String trimmed = text.strip();
    if (trimmed.equals(word)) {
      return meaning;
    }
    try {
      return parser.parse(trimmed);
    } catch (Refused refused) {
      throw refused.orWord(word);
    }
  }

  static <E extends Enum<E>> KeyKind<E> choice(Class<E> constants) {
    E[] all = constants.getEnumConstants();
    List<String> names = Arrays.stream(all).map(KeyKind::kebab).toList();
    String expected = names.size() == 1 ? names.get(0) : "one of " + String.join(", ", names);
    return new KeyKind<>(
        expected, t -> parseChoice(t, all, names, expected), all[0], KeyKind::kebab);
  }

  private static <E extends Enum<E>> E parseChoice(
      String text, E[] all, List<String> names, String expected) throws Refused {
    // io_uring writes itself with an underscore.
    int index = names.indexOf(text.strip().replace('_', '-'));
    if (index >= 0) {
      return all[index];
    }
    if (text.isBlank()) {
      throw Refused.expecting("is empty", expected);
    }
    String closest = DidYouMean.closest(text, names);
    if (closest != null) {
      throw Refused.suggesting("unknown choice {}", closest);
    }
    throw Refused.expecting("unknown choice {}", expected);
  }

  private static <E extends Enum<E>> String kebab(E constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String showTexts(List<String> texts) {
    return texts.stream().collect(Collectors.joining(", ", "[", "]"));
  }
}
