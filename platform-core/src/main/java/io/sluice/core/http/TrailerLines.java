package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import io.sluice.api.http.HeaderName;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The trailer section behind the last chunk (RFC 9112 §7.1.2), its octets cut anywhere. Fields that
 * a recipient must know before the content (RFC 9110 §6.5.1) are dropped; those that frame or route
 * the message are an attack and refused.
 */
final class TrailerLines {

  private static final Set<String> REFUSED = Set.of("content-length", "transfer-encoding", "host");
  private static final Set<String> DROPPED =
      Set.of(
          "age",
          "authorization",
          "cache-control",
          "connection",
          "content-encoding",
          "content-range",
          "content-type",
          "cookie",
          "date",
          "expect",
          "expires",
          "forwarded",
          "keep-alive",
          "location",
          "max-forwards",
          "pragma",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "range",
          "retry-after",
          "set-cookie",
          "te",
          "trailer",
          "upgrade",
          "vary",
          "via",
          "warning",
          "www-authenticate",
          "x-forwarded-for",
          "x-forwarded-host",
          "x-forwarded-port",
          "x-forwarded-proto");

  /** A longer line's buffer is not kept for the next message. */
  private static final int KEPT_LINE_BYTES = 1024;

  private final int maxBytes;

  private byte[] line = new byte[0];
  private int length;
  private int total;
  private boolean carriageReturn;
  private boolean complete;
  private @Nullable ByteHeaders fields;

  TrailerLines(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Begins the section of another message. */
  void begin() {
    if (line.length > KEPT_LINE_BYTES) {
      line = new byte[0];
    }
    length = 0;
    total = 0;
    carriageReturn = false;
    complete = false;
    if (fields != null) {
      fields.clear();
    }
  }

  /** Whether the empty line was read that ends the section. */
  boolean complete() {
    return complete;
  }

  /** The section, or null when it has no field; valid until {@link #begin}. */
  @Nullable ByteHeaders fields() {
    return fields == null || fields.size() == 0 ? null : fields;
  }

  /** Reads to the end of the section or of {@code in}; answers what is wrong, or null. */
  @Nullable String read(ByteBuf in) {
    while (in.isReadable() && !complete) {
      byte octet = in.readByte();
      if (++total > maxBytes + 2) {
        return "the trailer section is too large";
      }
      String problem = octet(octet);
      if (problem != null) {
        return problem;
      }
    }
    return null;
  }

  private @Nullable String octet(byte octet) {
    if (carriageReturn) {
      carriageReturn = false;
      if (octet != '\n') {
        return "a trailer line does not end in CR LF";
      }
      if (length == 0) {
        complete = true;
        return null;
      }
      return endLine();
    }
    if (octet == '\r') {
      carriageReturn = true;
      return null;
    }
    if (!Octets.is(octet, Octets.VALUE)) {
      return "a trailer line has a control octet";
    }
    if (length == line.length) {
      line = Arrays.copyOf(line, Math.max(128, length * 2));
    }
    line[length++] = octet;
    return null;
  }

  private @Nullable String endLine() {
    String text = Octets.text(line, 0, length);
    length = 0;
    int colon = text.indexOf(':');
    if (colon < 0 || !HeaderName.isToken(text.substring(0, colon))) {
      return "a trailer line is malformed";
    }
    HeaderName name = HeaderName.of(text.substring(0, colon));
    if (REFUSED.contains(name.lowerCase())) {
      return "a trailer field is not allowed there";
    }
    if (!DROPPED.contains(name.lowerCase())) {
      if (fields == null) {
        fields = new ByteHeaders();
      }
      fields.add(name, text.substring(colon + 1).trim());
    }
    return null;
  }
}
