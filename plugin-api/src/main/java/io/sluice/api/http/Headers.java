package io.sluice.api.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The field lines of a head or a trailer section (RFC 9110 §5), in the order received. A live view:
 * edits take effect on what is forwarded.
 *
 * <p>A text here has one char per octet (ISO-8859-1), so that what was received is forwarded octet
 * for octet. Used on the exchange's event loop only, and only while the exchange lasts.
 */
public interface Headers {

  /** Takes one field line. */
  @FunctionalInterface
  interface Visitor {
    /** Called once for each line, in order. */
    void line(String name, String value);
  }

  /** The number of field lines. */
  int size();

  /** The value of the first line of that name, without surrounding white space, or null. */
  @Nullable String get(HeaderName name);

  /** The values of every line of that name, in order; empty when there is none. */
  List<String> all(HeaderName name);

  /** Whether a line of that name is there. */
  boolean contains(HeaderName name);

  /**
   * Whether a member of the comma-separated list (RFC 9110 §5.6.1) in the lines of that name equals
   * {@code token}, without regard to case.
   */
  boolean containsToken(HeaderName name, String token);

  /**
   * Puts one line in place of every line of that name.
   *
   * @throws IllegalArgumentException when {@code value} has a CR, LF or NUL, or a char above U+00FF
   */
  Headers set(HeaderName name, String value);

  /**
   * Adds a line behind those that are there.
   *
   * @throws IllegalArgumentException as {@link #set}
   */
  Headers add(HeaderName name, String value);

  /** Removes every line of that name; answers whether there was one. */
  boolean remove(HeaderName name);

  /** Shows every line, in order. The visitor must not edit. */
  void forEach(Visitor visitor);

  /** {@link #get(HeaderName)} for a name known only at run time. */
  default @Nullable String get(String name) {
    return get(HeaderName.of(name));
  }

  /** {@link #set(HeaderName, String)} for a name known only at run time. */
  default Headers set(String name, String value) {
    return set(HeaderName.of(name), value);
  }

  /** {@link #add(HeaderName, String)} for a name known only at run time. */
  default Headers add(String name, String value) {
    return add(HeaderName.of(name), value);
  }

  /** {@link #remove(HeaderName)} for a name known only at run time. */
  default boolean remove(String name) {
    return remove(HeaderName.of(name));
  }
}
