package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;

/**
 * Writes a received field section of HTTP/2 as the lines of HTTP/1.1, so that one parser judges
 * both. It refuses here what would read as something else on the other side (RFC 9113 §8.2): an
 * octet that ends a line, a name that is no lower-case token, edges of white space, a field that
 * belongs to a connection.
 *
 * <p>One for each connection, on its event loop; the octets of {@link #octets} last until the next
 * section.
 */
final class Http2Section {

  private static final long OF_A_CONNECTION =
      Known.set(
          Known.CONNECTION,
          Known.KEEP_ALIVE,
          Known.PROXY_CONNECTION,
          Known.TRANSFER_ENCODING,
          Known.UPGRADE);

  /** A section this long is an exception, and its memory is not kept. */
  private static final int KEPT_BYTES = 16 * 1024;

  private final ByteBuf cookies = Unpooled.buffer(256);
  private ByteBuf octets = Unpooled.buffer(1024);

  /** Forgets the section before. */
  void begin() {
    if (octets.capacity() > KEPT_BYTES) {
      octets = Unpooled.buffer(1024);
    }
    octets.clear();
    cookies.clear();
  }

  /** What was written since {@link #begin}. */
  ByteBuf octets() {
    return octets;
  }

  /** Appends a part of a start line as it is. */
  Http2Section text(String text) {
    Ascii.write(octets, text);
    return this;
  }

  /** Appends the value of a pseudo-header field, every octet of which must be of {@code type}. */
  Http2Section part(CharSequence value, byte type) {
    int from = octets.writerIndex();
    append(value);
    if (Octets.span(octets.array(), from, octets.writerIndex(), type) != octets.writerIndex()) {
      throw new Http2MalformedException("malformed pseudo-header field");
    }
    return this;
  }

  /** Appends every field that is no pseudo-header field, the crumbs of a cookie as one line. */
  void lines(Http2Headers fields) {
    for (var field : fields) {
      CharSequence name = field.getKey();
      if (name.length() == 0) {
        throw new Http2MalformedException("empty field name");
      }
      if (name.charAt(0) != ':') {
        line(name, field.getValue());
      }
    }
    if (cookies.isReadable()) {
      text("cookie: ");
      octets.writeBytes(cookies);
      text("\r\n");
    }
  }

  private void line(CharSequence name, CharSequence value) {
    int from = octets.writerIndex();
    append(name);
    int nameEnd = octets.writerIndex();
    checkName(octets.array(), from, nameEnd);
    int id = Known.of(octets.array(), from, nameEnd - from);
    if ((OF_A_CONNECTION & (1L << id)) != 0 && id != Known.OTHER) {
      throw new Http2MalformedException("connection-specific field");
    }
    text(": ");
    int valueFrom = octets.writerIndex();
    append(value);
    int end = octets.writerIndex();
    checkValue(octets.array(), valueFrom, end);
    if (id == Known.TE && !Octets.equalsIgnoreCase(octets.array(), valueFrom, end, "trailers")) {
      throw new Http2MalformedException("TE other than trailers"); // RFC 9113 §8.2.2
    }
    if (id == Known.COOKIE) { // RFC 9113 §8.2.3
      if (cookies.isReadable()) {
        Ascii.write(cookies, "; ");
      }
      cookies.writeBytes(octets.array(), valueFrom, end - valueFrom);
      octets.writerIndex(from);
      return;
    }
    text("\r\n");
  }

  private void append(CharSequence text) {
    int length = text.length();
    octets.ensureWritable(length + 4);
    byte[] array = octets.array();
    int to = octets.writerIndex();
    if (text instanceof AsciiString octetString) {
      System.arraycopy(
          octetString.array(), octetString.arrayOffset(), array, to, octetString.length());
    } else {
      for (int i = 0; i < length; i++) {
        char c = text.charAt(i);
        array[to + i] = c > 0xff ? 0 : (byte) c; // which no class of octets has
      }
    }
    octets.writerIndex(to + length);
  }

  private static void checkName(byte[] octets, int from, int end) {
    if (Octets.span(octets, from, end, Octets.TOKEN) != end) {
      throw new Http2MalformedException("malformed field name");
    }
    for (int i = from; i < end; i++) {
      if (octets[i] >= 'A' && octets[i] <= 'Z') {
        throw new Http2MalformedException("field name in upper case");
      }
    }
  }

  private static void checkValue(byte[] octets, int from, int end) {
    if (Octets.span(octets, from, end, Octets.VALUE) != end) {
      throw new Http2MalformedException("control octet in a field value");
    }
    if (from < end && (ByteHeaders.isSpace(octets[from]) || ByteHeaders.isSpace(octets[end - 1]))) {
      throw new Http2MalformedException("white space around a field value");
    }
  }
}
