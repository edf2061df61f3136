package io.sluice.core.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the Connection lines of one message say (RFC 9110 §7.6.1). Reused from message to message.
 */
final class ConnectionOptions {

  /** Names that the proxy sets, or that tell framing: Connection cannot have them removed. */
  private static final List<String> KEPT =
      List.of(
          "host",
          "content-length",
          "transfer-encoding",
          "x-forwarded-for",
          "x-forwarded-proto",
          "x-forwarded-host",
          "x-forwarded-port",
          "forwarded",
          "via",
          "date",
          "expect",
          "authorization",
          "cookie",
          "set-cookie",
          "cache-control");

  boolean close;
  boolean keepAlive;
  boolean upgrade;

  /** Lower-case names to remove before forwarding, beside the known ones; null for none. */
  @Nullable List<String> names;

  void read(ByteHeaders headers) {
    close = false;
    keepAlive = false;
    upgrade = false;
    names = null;
    for (int at = headers.find(Known.CONNECTION);
        at >= 0;
        at = headers.find(Known.CONNECTION, at + 1)) {
      int from = headers.valueStart(at);
      int end = headers.valueEnd(at);
      if (Octets.equalsIgnoreCase(headers.bytes, from, end, "keep-alive")) {
        keepAlive = true;
      } else if (Octets.equalsIgnoreCase(headers.bytes, from, end, "close")) {
        close = true;
      } else {
        readList(Octets.text(headers.bytes, from, end));
      }
    }
  }

  private void readList(String value) {
    for (String member : value.toLowerCase(Locale.ROOT).split(",", -1)) {
      String token = member.strip();
      switch (token) {
        case "close" -> close = true;
        case "keep-alive" -> keepAlive = true;
        case "upgrade" -> upgrade = true;
        case "", "te", "trailer", "http2-settings", "proxy-connection" -> {
          // empty members are allowed; the known ones go in any case
        }
        default -> addName(token);
      }
    }
  }

  private void addName(String token) {
    if (KEPT.contains(token)) {
      return;
    }
    if (names == null) {
      names = new ArrayList<>(2);
    }
    names.add(token);
  }
}
