package io.sluice.plugin.headers;

import io.sluice.api.http.HeaderName;
import io.sluice.api.middleware.Exchange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A header value with variables: {@code {name}} stands for a variable of the exchange, {@code
 * {header:Name}} for the first line of that name in the request; a brace written twice is one
 * brace. What is absent stands for nothing. Parsed once; immutable.
 *
 * <p>Variables carry what clients sent. An octet that would end the line, and any character that a
 * header cannot hold, is percent-encoded as UTF-8, so a value never becomes two lines.
 */
final class Template {

  /** What a value may be, to complete "expected: …". */
  static final String EXPECTED = "text with {variables}; {{ and }} for braces";

  private static final String HEADER = "header:";
  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  /** A piece of the value. */
  private interface Part {
    @Nullable String text(Exchange exchange);
  }

  private final Part[] parts;
  private final @Nullable String constant;

  private Template(List<Part> parts, @Nullable String constant) {
    this.parts = parts.toArray(new Part[0]);
    this.constant = constant;
  }

  /**
   * Parses {@code text}.
   *
   * @throws IllegalArgumentException when it is empty, cannot stand in a header or has a lone brace
   */
  static Template of(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("an empty value; remove takes a header away");
    }
    if (!encode(text).equals(text)) {
      throw new IllegalArgumentException(
          "a header cannot hold control characters or text beyond Latin-1");
    }
    List<Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    boolean variables = false;
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c != '{' && c != '}') {
        literal.append(c);
      } else if (at + 1 < text.length() && text.charAt(at + 1) == c) {
        literal.append(c);
        at++;
      } else {
        int end = c == '{' ? text.indexOf('}', at) : -1;
        if (end < 0) {
          throw new IllegalArgumentException("a lone " + c);
        }
        addLiteral(literal, parts);
        parts.add(variable(text.substring(at + 1, end)));
        variables = true;
        at = end;
      }
    }
    if (!variables) {
      return new Template(List.of(), literal.toString());
    }
    addLiteral(literal, parts);
    return new Template(parts, null);
  }

  private static void addLiteral(StringBuilder literal, List<Part> parts) {
    if (literal.length() > 0) {
      String text = literal.toString();
      parts.add(exchange -> text);
      literal.setLength(0);
    }
  }

  private static Part variable(String name) {
    if (name.startsWith(HEADER)) {
      HeaderName header = HeaderName.of(name.substring(HEADER.length()));
      return exchange -> exchange.request().headers().get(header);
    }
    if (name.isEmpty() || !name.chars().allMatch(Template::isNameChar)) {
      throw new IllegalArgumentException("{" + name + "} is not a variable");
    }
    return exchange -> exchange.variable(name);
  }

  private static boolean isNameChar(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }

  /** The value for one exchange; empty when nothing but absent variables made it up. */
  String render(Exchange exchange) {
    if (constant != null) {
      return constant;
    }
    StringBuilder value = new StringBuilder();
    for (Part part : parts) {
      String text = part.text(exchange);
      if (text != null) {
        value.append(text);
      }
    }
    return encode(value.toString()).strip();
  }

  private static String encode(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (!isFieldChar(value.charAt(i))) {
        return percentEncode(value);
      }
    }
    return value;
  }

  private static String percentEncode(String value) {
    StringBuilder encoded = new StringBuilder();
    value
        .codePoints()
        .forEach(
            point -> {
              if (point <= 0xff && isFieldChar((char) point)) {
                encoded.append((char) point);
              } else {
                byte[] octets = Character.toString(point).getBytes(StandardCharsets.UTF_8);
                for (byte octet : octets) {
                  encoded.append('%').append(HEX[octet >> 4 & 15]).append(HEX[octet & 15]);
                }
              }
            });
    return encoded.toString();
  }

  /** VCHAR, space, tab and obs-text (RFC 9110 §5.5). */
  private static boolean isFieldChar(char c) {
    return c == '\t' || (c >= ' ' && c != 0x7f && c <= 0xff);
  }
}
