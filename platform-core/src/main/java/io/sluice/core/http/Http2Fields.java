package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import io.sluice.core.http.ResponseWriter.Body;
import io.sluice.core.http.ResponseWriter.Persistence;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes the field sections of HTTP/2 out of heads as HTTP/1.1 writes them: what is left out, added
 * and appended is decided in one place for both. The sections are views of octets of their own,
 * with nothing of the head they were made of. Stateless.
 */
public final class Http2Fields {

  private static final AsciiString[] NONE = new AsciiString[0];

  private static final AsciiString[] STATUSES = statuses();

  /** What HTTP/2 says by other means, or not at all (RFC 9113 §8.2.2). */
  private static final long LEFT_OUT =
      Known.set(
          Known.HOST,
          Known.CONNECTION,
          Known.KEEP_ALIVE,
          Known.PROXY_CONNECTION,
          Known.TRANSFER_ENCODING,
          Known.UPGRADE,
          Known.HTTP2_SETTINGS);

  private Http2Fields() {}

  private static AsciiString[] statuses() {
    AsciiString[] all = new AsciiString[600];
    for (int status = 0; status < all.length; status++) {
      all[status] = AsciiString.cached(String.format("%03d", status));
    }
    return all;
  }

  /**
   * A final response head. A 101 becomes the 200 that answers an extended CONNECT (RFC 8441 §5).
   *
   * @param open whether nobody knows how much content follows
   * @param date the value of Date where the head has none
   */
  public static Http2Headers response(ParsedResponse head, boolean open, byte[] date) {
    ByteBuf out = Unpooled.buffer(ResponseWriter.roomNeeded(head));
    Body body = open ? Body.CHUNKED : Body.AS_IS;
    ResponseWriter.write(out, head, body, Persistence.IMPLIED, date);
    boolean opened = head.status == 101;
    AsciiString[] fields = lines(out, lineEnd(out.array(), 0) + 2, opened);
    return ReadOnlyHttp2Headers.serverHeaders(false, STATUSES[opened ? 200 : head.status], fields);
  }

  /** An informational head (RFC 9110 §15.2) other than 101. */
  public static Http2Headers informational(ParsedResponse head) {
    ByteBuf out = Unpooled.buffer(ResponseWriter.roomNeeded(head));
    ResponseWriter.writeInformational(out, head);
    AsciiString[] fields = lines(out, lineEnd(out.array(), 0) + 2, false);
    return ReadOnlyHttp2Headers.serverHeaders(false, STATUSES[head.status], fields);
  }

  /** A 100 Continue of our own. */
  public static Http2Headers continueHead() {
    return ReadOnlyHttp2Headers.serverHeaders(false, STATUSES[100], NONE);
  }

  /**
   * A request head. An upgrade becomes an extended CONNECT (RFC 8441 §4).
   *
   * @param writer what an attempt changes about the request
   * @param scheme {@code http} or {@code https}: how the endpoint is reached
   */
  public static Http2Headers request(
      RequestWriter writer, ParsedRequest request, ForwardedLines forwarded, AsciiString scheme) {
    ByteBuf out = Unpooled.buffer(writer.roomNeeded(request, forwarded));
    writer.write(out, request, forwarded);
    byte[] octets = out.array();
    int methodEnd = indexOf(octets, 0, (byte) ' ');
    int targetEnd = indexOf(octets, methodEnd + 1, (byte) ' ');
    AsciiString method = view(octets, 0, methodEnd);
    AsciiString path = view(octets, methodEnd + 1, targetEnd);
    int hostLine = lineEnd(octets, targetEnd) + 2;
    int hostEnd = lineEnd(octets, hostLine);
    AsciiString authority = view(octets, hostLine + RequestWriter.HOST_LENGTH, hostEnd);
    String protocol = writer.upgrade();
    AsciiString[] fields = lines(out, hostEnd + 2, protocol != null);
    if (protocol == null) {
      return ReadOnlyHttp2Headers.clientHeaders(false, method, path, scheme, authority, fields);
    }
    Http2Headers extended = new DefaultHttp2Headers(false);
    extended.method("CONNECT").scheme(scheme).authority(authority).path(path);
    extended.add(Http2Headers.PseudoHeaderName.PROTOCOL.value(), protocol);
    for (int i = 0; i < fields.length; i += 2) {
      extended.add(fields[i], fields[i + 1]);
    }
    return extended;
  }

  /** A trailer section. */
  public static Http2Headers trailers(ByteHeaders section) {
    ByteBuf out = Unpooled.buffer(section.roomNeeded());
    section.write(out, 0, null);
    return ReadOnlyHttp2Headers.trailers(false, lines(out, 0, false));
  }

  /**
   * A received trailer section, held to the rules that one of HTTP/1.1 is held to.
   *
   * @return the fields, the caller's own; null when none is left
   * @throws Http2MalformedException when the stream is to be reset
   */
  public static @Nullable ByteHeaders readTrailers(Http2Headers fields) {
    Http2Section section = new Http2Section();
    section.begin();
    for (var field : fields) {
      if (field.getKey().length() > 0 && field.getKey().charAt(0) == ':') {
        throw new Http2MalformedException("pseudo-header field in a trailer section");
      }
    }
    section.lines(fields);
    section.text("\r\n");
    TrailerLines lines = new TrailerLines(section.octets().readableBytes());
    lines.begin();
    String problem = lines.read(section.octets());
    if (problem != null) {
      throw new Http2MalformedException(problem);
    }
    return lines.fields();
  }

  /** Names and values of the lines from {@code from} on, in turn. */
  private static AsciiString[] lines(ByteBuf out, int from, boolean webSocket) {
    byte[] octets = out.array();
    int end = out.writerIndex();
    AsciiString[] fields = new AsciiString[32];
    int count = 0;
    int line = from;
    while (line < end && octets[line] != '\r') {
      int nameEnd = Octets.span(octets, line, end, Octets.TOKEN);
      int lineEnd = lineEnd(octets, nameEnd);
      if (!leftOut(octets, line, nameEnd, webSocket)) {
        if (count == fields.length) {
          fields = Arrays.copyOf(fields, count * 2);
        }
        lowerCase(octets, line, nameEnd);
        fields[count++] = view(octets, line, nameEnd);
        fields[count++] = value(octets, nameEnd + 1, lineEnd);
      }
      line = lineEnd + 2;
    }
    return count == fields.length ? fields : Arrays.copyOf(fields, count);
  }

  private static boolean leftOut(byte[] octets, int from, int end, boolean webSocket) {
    int id = Known.of(octets, from, end - from);
    if (id != Known.OTHER) {
      // what comes behind CONNECT is no content, and a length of it would be wrong (RFC 9110
      // §9.3.6)
      return (LEFT_OUT & (1L << id)) != 0 || (webSocket && id == Known.CONTENT_LENGTH);
    }
    return webSocket
        && (Octets.equalsIgnoreCase(octets, from, end, "sec-websocket-key")
            || Octets.equalsIgnoreCase(octets, from, end, "sec-websocket-accept"));
  }

  private static void lowerCase(byte[] octets, int from, int end) {
    for (int i = from; i < end; i++) {
      if (octets[i] >= 'A' && octets[i] <= 'Z') {
        octets[i] |= 0x20;
      }
    }
  }

  private static AsciiString value(byte[] octets, int from, int end) {
    int first = from;
    int last = end;
    while (first < last && ByteHeaders.isSpace(octets[first])) {
      first++;
    }
    while (last > first && ByteHeaders.isSpace(octets[last - 1])) {
      last--;
    }
    return view(octets, first, last);
  }

  private static AsciiString view(byte[] octets, int from, int end) {
    return new AsciiString(octets, from, end - from, false);
  }

  private static int lineEnd(byte[] octets, int from) {
    return indexOf(octets, from, (byte) '\r');
  }

  private static int indexOf(byte[] octets, int from, byte wanted) {
    int at = from;
    while (octets[at] != wanted) {
      at++;
    }
    return at;
  }
}
