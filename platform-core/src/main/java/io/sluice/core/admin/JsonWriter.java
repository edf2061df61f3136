package io.sluice.core.admin;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes values as JSON (RFC 8259): records, maps, iterables, texts, numbers, booleans, null. A
 * record becomes an object of its components, a duration seconds, an instant ISO 8601, an enum
 * kebab-case, {@link Json} itself. One for each text.
 */
final class JsonWriter {

  /** Text that is JSON already. */
  record Json(String text) {}

  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private final StringBuilder out = new StringBuilder();
  private final boolean pretty;
  private int depth;

  private JsonWriter(boolean pretty) {
    this.pretty = pretty;
  }

  /**
   * The text of one value.
   *
   * @param pretty over many lines, two spaces a level
   */
  static String write(@Nullable Object value, boolean pretty) {
    JsonWriter writer = new JsonWriter(pretty);
    writer.value(value);
    return writer.out.toString();
  }

  private void value(@Nullable Object value) {
    if (value == null) {
      out.append("null");
    } else if (value instanceof Number number) {
      number(number);
    } else if (value instanceof Boolean || value instanceof Json) {
      out.append(value instanceof Json json ? json.text() : value);
    } else if (value instanceof Duration duration) {
      number(duration.toNanos() / 1e9);
    } else if (value instanceof Enum<?> constant) {
      text(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    } else if (value instanceof CharSequence || value instanceof Instant) {
      text(value.toString());
    } else if (value instanceof Map<?, ?> map) {
      object(map);
    } else if (value instanceof Iterable<?> list) {
      array(list);
    } else if (value instanceof Record record) {
      object(record);
    } else {
      throw new IllegalArgumentException("no JSON for " + value.getClass());
    }
  }

  private void number(Number number) {
    double value = number.doubleValue();
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      out.append("null");
    } else {
      out.append(number);
    }
  }

  private void object(Map<?, ?> map) {
    boolean first = open('{');
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      member(String.valueOf(entry.getKey()), entry.getValue(), first);
      first = false;
    }
    close('}', first);
  }

  private void object(Record record) {
    boolean first = open('{');
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      member(component.getName(), read(record, component), first);
      first = false;
    }
    close('}', first);
  }

  private static @Nullable Object read(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalArgumentException("cannot read " + component, e);
    }
  }

  private void member(String name, @Nullable Object value, boolean first) {
    next(first);
    text(name);
    out.append(pretty ? ": " : ":");
    value(value);
  }

  private void array(Iterable<?> list) {
    boolean first = open('[');
    for (Object element : list) {
      next(first);
      value(element);
      first = false;
    }
    close(']', first);
  }

  private boolean open(char bracket) {
    out.append(bracket);
    depth++;
    return true;
  }

  private void next(boolean first) {
    if (!first) {
      out.append(',');
    }
    line();
  }

  private void close(char bracket, boolean empty) {
    depth--;
    if (!empty) {
      line();
    }
    out.append(bracket);
  }

  private void line() {
    if (pretty) {
      out.append('\n').append("  ".repeat(depth));
    }
  }

  private void text(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      character(text.charAt(i));
    }
    out.append('"');
  }

  private void character(char c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        // "<" too, so that an answer taken for HTML stays text; surrogates, since half a pair is no
        // text.
        if (c < ' ' || c == '<' || c == 0x7f || Character.isSurrogate(c) || c == 0x2028) {
          escaped(c);
        } else {
          out.append(c);
        }
      }
    }
  }

  private void escaped(char c) {
    out.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.append(HEX[(c >> shift) & 0xf]);
    }
  }
}
