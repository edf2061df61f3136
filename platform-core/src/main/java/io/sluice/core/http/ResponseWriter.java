package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/** Writes response heads for HTTP/1.x clients. Stateless. */
public final class ResponseWriter {

  /** How the client is told where the content ends. */
  public enum Body {
    /** As the lines of the head say: a length, or none where no content can follow. */
    AS_IS,
    /** A length of 0, whatever the lines say: without it the next response would be content. */
    EMPTY,
    /** Chunked. */
    CHUNKED,
    /** The connection closes. */
    UNTIL_CLOSE
  }

  /** What the head says of the connection. */
  public enum Persistence {
    /** Nothing: an HTTP/1.1 connection lives on. */
    IMPLIED,
    /** That it lives on, to an HTTP/1.0 client that asked. */
    KEEP_ALIVE,
    /** That it closes. */
    CLOSE
  }

  private static final byte[] CRLF = ascii("\r\n");
  private static final byte[] DATE = ascii("Date: ");
  private static final byte[] EMPTY = ascii("Content-Length: 0\r\n");
  private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
  private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");
  private static final byte[] CLOSE = ascii("Connection: close\r\n");
  private static final byte[] UPGRADE = ascii("Connection: upgrade\r\n");
  private static final byte[] CONTINUE = ascii("HTTP/1.1 100 Continue\r\n\r\n");

  private static final byte[][] STATUS_LINES = statusLines();

  private static final long HOP_BY_HOP =
      Known.set(
          Known.CONNECTION,
          Known.KEEP_ALIVE,
          Known.PROXY_CONNECTION,
          Known.TRANSFER_ENCODING,
          Known.UPGRADE);

  private static final long HOP_BY_HOP_BUT_UPGRADE = HOP_BY_HOP & ~Known.set(Known.UPGRADE);

  private ResponseWriter() {}

  private static byte[][] statusLines() {
    byte[][] lines = new byte[600][];
    for (int status = 100; status < 600; status++) {
      String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
      lines[status] = ascii("HTTP/1.1 " + status + " " + reason + "\r\n");
    }
    return lines;
  }

  /** No fewer octets than {@link #write} writes. */
  public static int roomNeeded(ParsedResponse head) {
    return head.headers.used + 192;
  }

  /**
   * Writes a final head, the empty line at its end included.
   *
   * @param date the value of Date, written when the head has none
   */
  public static void write(
      ByteBuf out, ParsedResponse head, Body body, Persistence persistence, byte[] date) {
    out.writeBytes(STATUS_LINES[head.status]);
    boolean upgrade = head.status == 101 || (head.status == 426 && head.headers.has(Known.UPGRADE));
    long except = upgrade ? HOP_BY_HOP_BUT_UPGRADE : HOP_BY_HOP;
    if (head.status != 101 && body != Body.AS_IS) {
      except |= Known.set(Known.CONTENT_LENGTH);
    }
    head.headers.write(out, except, head.connection.names);
    if (!head.headers.has(Known.DATE)) {
      out.writeBytes(DATE);
      out.writeBytes(date);
      out.writeBytes(CRLF);
    }
    if (upgrade) {
      out.writeBytes(UPGRADE); // RFC 9110 §7.8
    }
    if (head.status != 101) {
      if (body == Body.CHUNKED) {
        out.writeBytes(CHUNKED);
      } else if (body == Body.EMPTY) {
        out.writeBytes(EMPTY);
      }
      if (persistence != Persistence.IMPLIED) {
        out.writeBytes(persistence == Persistence.CLOSE ? CLOSE : KEEP_ALIVE);
      }
    }
    out.writeBytes(CRLF);
  }

  /** Writes an informational head (RFC 9110 §15.2). */
  public static void writeInformational(ByteBuf out, ParsedResponse head) {
    out.writeBytes(STATUS_LINES[head.status]);
    head.headers.write(out, HOP_BY_HOP, head.connection.names);
    out.writeBytes(CRLF);
  }

  /** Writes a 100 Continue of our own. */
  public static void writeContinue(ByteBuf out) {
    out.writeBytes(CONTINUE);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
