package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HttpVersion;
import java.util.Arrays;
import java.util.Locale;

/**
 * The framing guard of a listener: reads HTTP/1.1 request heads (RFC 9112) and refuses whatever two
 * recipients could read in two ways. What it lets pass has one length, one host, one normalised
 * path.
 *
 * <p>One for each connection, on its event loop; {@link #request} is overwritten by the next head.
 */
public final class RequestParser extends HeadParser {

  private final ParsedRequest request = new ParsedRequest();
  private final String scheme;
  private final boolean keepEncodedSlash;

  private byte[] lastHost = new byte[0];
  private String lastAuthority = "";
  private String lastHostName = "";

  private int targetStart;
  private int targetEnd;

  /**
   * A parser for one connection.
   *
   * @param maxBytes the most octets of request line and header section together
   * @param maxLines the most field lines
   * @param scheme {@code http} or {@code https}
   * @param keepEncodedSlash whether {@code %2F} in a path is kept rather than refused
   */
  public RequestParser(int maxBytes, int maxLines, String scheme, boolean keepEncodedSlash) {
    super(maxBytes, maxLines, ErrorKind.BAD_REQUEST, ErrorKind.HEADERS_TOO_LARGE);
    this.scheme = scheme;
    this.keepEncodedSlash = keepEncodedSlash;
  }

  /** The head that was read last. */
  public ParsedRequest request() {
    return request;
  }

  /** Makes ready for the next head. */
  public void reset() {
    begin();
  }

  /**
   * Takes octets up to the end of the head.
   *
   * @return whether the head is whole; the octets behind it are left in {@code in}
   * @throws FramingException when it is refused; the connection must be closed
   */
  public boolean read(ByteBuf in) {
    if (!feed(in)) {
      return false;
    }
    finish();
    return true;
  }

  @Override
  ByteHeaders headers() {
    return request.headers;
  }

  @Override
  ErrorKind startLineTooLong() {
    return ErrorKind.URI_TOO_LONG;
  }

  @Override
  ErrorKind unknownCoding() {
    return ErrorKind.UNKNOWN_TRANSFER_CODING;
  }

  @Override
  void clear() {
    request.method = "";
    request.scheme = scheme;
    request.authority = "";
    request.host = "";
    request.path = "";
    request.query = null;
    request.framing = Framing.NONE;
    request.contentLength = -1;
    request.upgrade = null;
    request.extendedConnect = false;
    request.expectsContinue = false;
  }

  @Override
  void startLine(byte[] bytes, int from, int end) {
    int methodEnd = Octets.span(bytes, from, end, Octets.TOKEN);
    if (methodEnd == from || methodEnd >= end || bytes[methodEnd] != ' ') {
      throw bad("malformed method");
    }
    targetStart = methodEnd + 1;
    targetEnd = Octets.span(bytes, targetStart, end, Octets.TARGET);
    if (targetEnd == targetStart || targetEnd >= end || bytes[targetEnd] != ' ') {
      throw bad("malformed request target");
    }
    request.version = version(bytes, targetEnd + 1, end);
    request.method = method(bytes, from, methodEnd);
  }

  private HttpVersion version(byte[] bytes, int from, int end) {
    if (end - from != 8
        || bytes[from] != 'H'
        || bytes[from + 1] != 'T'
        || bytes[from + 2] != 'T'
        || bytes[from + 3] != 'P'
        || bytes[from + 4] != '/'
        || bytes[from + 6] != '.'
        || !Octets.is(bytes[from + 5], Octets.DIGIT)
        || !Octets.is(bytes[from + 7], Octets.DIGIT)) {
      throw bad("malformed version");
    }
    if (bytes[from + 5] != '1') {
      throw new FramingException(ErrorKind.UNSUPPORTED_VERSION, "unsupported version");
    }
    // RFC 9110 §2.5: a higher minor version is read as the highest one that is known.
    return bytes[from + 7] == '0' ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
  }

  private static String method(byte[] bytes, int from, int end) {
    switch (end - from) {
      case 3:
        if (bytes[from] == 'G' && bytes[from + 1] == 'E' && bytes[from + 2] == 'T') {
          return "GET";
        }
        break;
      case 4:
        if (bytes[from] == 'P'
            && bytes[from + 1] == 'O'
            && bytes[from + 2] == 'S'
            && bytes[from + 3] == 'T') {
          return "POST";
        }
        break;
      default:
        break;
    }
    return Octets.text(bytes, from, end);
  }

  /** What the lines say together, once all of them are there. */
  private void finish() {
    ParsedRequest request = this.request;
    target(request);
    host(request);
    request.connection.read(request.headers);
    boolean http10 = request.version == HttpVersion.HTTP_1_0;
    request.keepAlive = !request.connection.close && (!http10 || request.connection.keepAlive);
    content(request, http10);
    if (http10) {
      return;
    }
    int expect = request.headers.find(Known.EXPECT);
    request.expectsContinue =
        expect >= 0
            && Octets.equalsIgnoreCase(
                request.headers.bytes,
                request.headers.valueStart(expect),
                request.headers.valueEnd(expect),
                "100-continue");
    if (request.connection.upgrade) {
      int upgrade = request.headers.find(Known.UPGRADE);
      request.upgrade =
          upgrade < 0 ? null : request.headers.value(upgrade).toLowerCase(Locale.ROOT);
    }
  }

  /** Length or chunks, never both and never in two ways (RFC 9112 §6.3). */
  private void content(ParsedRequest request, boolean http10) {
    long length = contentLength();
    if (chunked()) {
      if (length >= 0) {
        throw bad("Content-Length with Transfer-Encoding");
      }
      if (http10) {
        throw bad("Transfer-Encoding in HTTP/1.0");
      }
      request.framing = Framing.CHUNKED;
      return;
    }
    request.contentLength = length;
    request.framing = length > 0 ? Framing.LENGTH : Framing.NONE;
  }

  private void target(ParsedRequest request) {
    byte[] bytes = request.headers.bytes;
    int from = targetStart;
    int end = targetEnd;
    if (request.method.equals("CONNECT")) {
      throw new FramingException(ErrorKind.METHOD_NOT_SUPPORTED, "CONNECT is not served here");
    }
    if (bytes[from] != '/') {
      if (end - from == 1 && bytes[from] == '*' && request.method.equals("OPTIONS")) {
        request.path = "*";
        request.targetStart = from;
        request.targetEnd = end;
        return;
      }
      from = absoluteForm(request, bytes, from, end);
    }
    int question = from;
    while (question < end && bytes[question] != '?') {
      if (bytes[question] == '#') {
        throw bad("fragment in request target");
      }
      question++;
    }
    for (int i = question; i < end; i++) {
      if (bytes[i] == '#') {
        throw bad("fragment in request target");
      }
    }
    String raw = question == from ? "/" : Octets.text(bytes, from, question);
    String path = PathNormalizer.normalize(raw, keepEncodedSlash);
    if (path == null) {
      throw bad("malformed path");
    }
    request.path = path;
    request.query = question < end ? Octets.text(bytes, question + 1, end) : null;
    boolean untouched = path.equals(raw) && question > from;
    request.targetStart = untouched ? from : -1;
    request.targetEnd = end;
  }

  /** Reads {@code http://authority} (RFC 9112 §3.2.2); answers where the path begins. */
  private int absoluteForm(ParsedRequest request, byte[] bytes, int from, int end) {
    int authority = schemeEnd(bytes, from, end);
    int authorityEnd = authority;
    while (authorityEnd < end && bytes[authorityEnd] != '/' && bytes[authorityEnd] != '?') {
      authorityEnd++;
    }
    authority(request, bytes, authority, authorityEnd);
    return authorityEnd;
  }

  private int schemeEnd(byte[] bytes, int from, int end) {
    if (end - from > 7 && Octets.equalsIgnoreCase(bytes, from, from + 7, "http://")) {
      return from + 7;
    }
    if (end - from > 8 && Octets.equalsIgnoreCase(bytes, from, from + 8, "https://")) {
      return from + 8;
    }
    throw bad("malformed request target");
  }

  private void host(ParsedRequest request) {
    ByteHeaders headers = request.headers;
    int at = headers.find(Known.HOST);
    if (at < 0) {
      if (request.version == HttpVersion.HTTP_1_1) {
        throw bad("missing Host");
      }
      return;
    }
    if (headers.find(Known.HOST, at + 1) >= 0) {
      throw bad("several Host lines");
    }
    boolean replaced = !request.authority.isEmpty();
    int from = headers.valueStart(at);
    int end = headers.valueEnd(at);
    if (replaced) {
      checkAuthority(headers.bytes, from, end);
    } else {
      authority(request, headers.bytes, from, end);
    }
  }

  private void authority(ParsedRequest request, byte[] bytes, int from, int end) {
    if (!Arrays.equals(lastHost, 0, lastHost.length, bytes, from, end) || lastHost.length == 0) {
      int hostEnd = checkAuthority(bytes, from, end);
      lastHost = Arrays.copyOfRange(bytes, from, end);
      lastAuthority = Octets.text(bytes, from, end);
      lastHostName = Octets.text(bytes, from, hostEnd).toLowerCase(Locale.ROOT);
    }
    request.authority = lastAuthority;
    request.host = lastHostName;
  }

  /** Refuses what is no host with an optional port; answers where the host ends. */
  private int checkAuthority(byte[] bytes, int from, int end) {
    int hostEnd = hostEnd(bytes, from, end);
    boolean port = hostEnd < end;
    if (hostEnd == from
        || Octets.span(bytes, from, end, Octets.AUTHORITY) != end
        || (port
            && (bytes[hostEnd] != ':'
                || Octets.span(bytes, hostEnd + 1, end, Octets.DIGIT) != end
                || end - hostEnd > 6))) {
      throw bad("malformed Host");
    }
    return hostEnd;
  }

  private int hostEnd(byte[] bytes, int from, int end) {
    boolean literal = from < end && bytes[from] == '[';
    for (int i = from; i < end; i++) {
      if (literal && bytes[i] == ']') {
        return i + 1;
      }
      if (!literal && (bytes[i] == '[' || bytes[i] == ']')) {
        throw bad("malformed Host");
      }
      if (!literal && bytes[i] == ':') {
        return i;
      }
    }
    if (literal) {
      throw bad("malformed Host");
    }
    return end;
  }
}
