package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import io.sluice.api.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The lines that tell an endpoint who really asked: X-Forwarded-For, -Proto, -Host and -Port, and
 * Via (RFC 9110 §7.6.3). What does not change while a connection lasts is made once, when it
 * begins.
 *
 * <p>From an untrusted peer the values that came with the request are replaced; from a trusted one
 * X-Forwarded-For is appended to and the others are kept.
 */
public final class ForwardedLines {

  private static final byte[] VIA_1_1 = ascii("Via: 1.1 sluice\r\n");
  private static final byte[] VIA_1_0 = ascii("Via: 1.0 sluice\r\n");
  private static final byte[] VIA_2 = ascii("Via: 2.0 sluice\r\n");
  private static final byte[] HOST = ascii("X-Forwarded-Host: ");
  private static final byte[] CRLF = ascii("\r\n");

  /** The lines that are never copied from the request. */
  static final long REPLACED =
      Known.set(
          Known.X_FORWARDED_FOR,
          Known.X_FORWARDED_PROTO,
          Known.X_FORWARDED_HOST,
          Known.X_FORWARDED_PORT);

  private final String peerIp;
  private final String scheme;
  private final String port;
  private final boolean trusted;
  private final byte[] fixed;

  /**
   * The lines of one connection.
   *
   * @param peerIp the peer's address without port; brackets are not added
   * @param scheme {@code http} or {@code https}
   * @param port the local port
   * @param trusted whether the peer's own lines are believed
   */
  public ForwardedLines(String peerIp, String scheme, int port, boolean trusted) {
    this.peerIp = peerIp;
    this.scheme = scheme;
    this.port = Integer.toString(port);
    this.trusted = trusted;
    this.fixed =
        ascii(
            "X-Forwarded-For: "
                + peerIp
                + "\r\nX-Forwarded-Proto: "
                + scheme
                + "\r\nX-Forwarded-Port: "
                + port
                + "\r\n");
  }

  /** The lines to leave out of the request's own. */
  long replaced() {
    return trusted ? REPLACED : REPLACED | Known.set(Known.FORWARDED);
  }

  /** No fewer octets than {@link #write} writes. */
  int roomNeeded(ParsedRequest request) {
    int room = fixed.length + HOST.length + request.authority.length() + 32;
    return trusted ? room + request.headers.used + 128 : room;
  }

  void write(ByteBuf out, ParsedRequest request) {
    if (trusted) {
      writeAppended(out, request);
    } else {
      out.writeBytes(fixed);
      if (!request.authority.isEmpty()) {
        out.writeBytes(HOST);
        Ascii.write(out, request.authority);
        out.writeBytes(CRLF);
      }
    }
    if (request.version == HttpVersion.HTTP_1_1) {
      out.writeBytes(VIA_1_1);
    } else {
      out.writeBytes(request.version == HttpVersion.HTTP_1_0 ? VIA_1_0 : VIA_2);
    }
  }

  private void writeAppended(ByteBuf out, ParsedRequest request) {
    ByteHeaders headers = request.headers;
    StringBuilder chain = new StringBuilder();
    for (int at = headers.find(Known.X_FORWARDED_FOR);
        at >= 0;
        at = headers.find(Known.X_FORWARDED_FOR, at + 1)) {
      chain.append(headers.value(at)).append(", ");
    }
    line(out, "X-Forwarded-For: ", chain.append(peerIp).toString());
    line(out, "X-Forwarded-Proto: ", orElse(headers.get(Known.X_FORWARDED_PROTO), scheme));
    line(out, "X-Forwarded-Port: ", orElse(headers.get(Known.X_FORWARDED_PORT), port));
    String host = orElse(headers.get(Known.X_FORWARDED_HOST), request.authority);
    if (!host.isEmpty()) {
      line(out, "X-Forwarded-Host: ", host);
    }
  }

  private static String orElse(@Nullable String value, String fallback) {
    return value == null ? fallback : value;
  }

  private static void line(ByteBuf out, String name, String value) {
    Ascii.write(out, name);
    Ascii.write(out, value);
    out.writeBytes(CRLF);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
