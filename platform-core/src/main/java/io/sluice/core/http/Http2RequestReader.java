package io.sluice.core.http;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HttpVersion;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the field sections of HTTP/2 requests (RFC 9113 §8.3.1) through the same {@link
 * RequestParser} that reads HTTP/1.1: whatever is refused there is refused here, and a request that
 * is accepted can be sent on as HTTP/1.1 without meaning anything else.
 *
 * <p>An extended CONNECT (RFC 8441) is read as the upgrade that it stands for: a GET with {@code
 * Upgrade}, and with a {@code Sec-WebSocket-Key} of our own, for HTTP/2 has none. What comes back
 * as 101 is told the client as 200.
 *
 * <p>One for each connection, on its event loop. It expects sections whose pseudo-header fields
 * were found unique and in front, as Netty's decoder does when it validates.
 */
public final class Http2RequestReader {

  private final Http2Section section = new Http2Section();
  private final Set<String> upgrades;

  /**
   * A reader for one connection.
   *
   * @param upgrades the protocols that an extended CONNECT may ask for, in lower case; with none of
   *     them {@code :protocol} is unknown, as it must be where no setting told of it
   */
  public Http2RequestReader(Set<String> upgrades) {
    this.upgrades = upgrades;
  }

  /**
   * Reads one request.
   *
   * @param endOfStream whether no content follows
   * @param parser whose request it becomes; a parser belongs to one stream at a time
   * @return {@code parser.request()}
   * @throws Http2MalformedException when it is no request; the stream is to be reset
   * @throws FramingException when it is one that is refused; an error is to be answered
   */
  public ParsedRequest read(Http2Headers fields, boolean endOfStream, RequestParser parser) {
    parser.reset();
    section.begin();
    CharSequence protocol = fields.get(Http2Headers.PseudoHeaderName.PROTOCOL.value());
    boolean extended = startLine(fields, protocol);
    authority(fields);
    section.lines(fields);
    if (extended && protocol != null) {
      upgrade(protocol.toString(), fields);
    }
    section.text("\r\n");
    if (!parser.read(section.octets())) {
      throw new Http2MalformedException("incomplete field section");
    }
    ParsedRequest request = parser.request();
    request.version = HttpVersion.HTTP_2;
    request.keepAlive = true;
    request.extendedConnect = extended;
    content(request, endOfStream);
    return request;
  }

  /** Writes the start line; answers whether it is an extended CONNECT. */
  private boolean startLine(Http2Headers fields, @Nullable CharSequence protocol) {
    CharSequence method = required(fields.method());
    if (AsciiString.contentEquals(method, "CONNECT")) {
      if (protocol == null) {
        if (fields.path() != null || fields.scheme() != null) {
          throw new Http2MalformedException("CONNECT with a path or a scheme"); // RFC 9113 §8.5
        }
        throw new FramingException(ErrorKind.METHOD_NOT_SUPPORTED, "CONNECT is not served here");
      }
      method = "GET";
    } else if (protocol != null) {
      throw new Http2MalformedException(":protocol without CONNECT"); // RFC 8441 §4
    }
    if (protocol != null && upgrades.isEmpty()) {
      throw new Http2MalformedException(":protocol, which no setting allowed");
    }
    if (protocol != null && !upgrades.contains(protocol.toString())) {
      throw new FramingException(ErrorKind.METHOD_NOT_SUPPORTED, "unknown :protocol");
    }
    CharSequence path = required(fields.path());
    boolean asterisk = path.length() == 1 && path.charAt(0) == '*';
    if (path.length() == 0 || (path.charAt(0) != '/' && !asterisk)) {
      throw new Http2MalformedException("malformed :path");
    }
    checkScheme(required(fields.scheme()));
    section.part(method, Octets.TOKEN).text(" ");
    section.part(path, Octets.TARGET).text(" HTTP/1.1\r\n");
    return protocol != null;
  }

  private static CharSequence required(@Nullable CharSequence value) {
    if (value == null || value.length() == 0) {
      throw new Http2MalformedException("missing pseudo-header field");
    }
    return value;
  }

  /** Which of the two it is says nothing: TLS may have ended in front of us. */
  private static void checkScheme(CharSequence scheme) {
    if (!AsciiString.contentEqualsIgnoreCase(scheme, "http")
        && !AsciiString.contentEqualsIgnoreCase(scheme, "https")) {
      throw new FramingException(ErrorKind.BAD_REQUEST, "unknown scheme");
    }
  }

  /** One host, whatever names it (RFC 9113 §8.3.1): Host may repeat {@code :authority} only. */
  private void authority(Http2Headers fields) {
    CharSequence authority = fields.authority();
    if (authority == null) {
      return; // a Host field serves as well; the parser misses it when there is none
    }
    for (CharSequence host : fields.getAll("host")) {
      if (!AsciiString.contentEqualsIgnoreCase(host, authority)) {
        throw new Http2MalformedException("Host differs from :authority");
      }
      fields.remove("host");
    }
    section.text("host: ").part(authority, Octets.AUTHORITY).text("\r\n");
  }

  private void upgrade(String protocol, Http2Headers fields) {
    section.text("connection: upgrade\r\nupgrade: ").text(protocol).text("\r\n");
    if (protocol.equals(WebSocketKey.PROTOCOL) && !fields.contains("sec-websocket-key")) {
      section.text("sec-websocket-key: ").text(WebSocketKey.random()).text("\r\n");
    }
  }

  private static void content(ParsedRequest request, boolean endOfStream) {
    if (request.extendedConnect) {
      if (endOfStream) {
        throw new Http2MalformedException("a tunnel that ends at once");
      }
      request.framing = Framing.NONE; // what follows belongs to the tunnel
    } else if (endOfStream) {
      if (request.contentLength > 0) {
        throw new Http2MalformedException("content-length without content");
      }
      request.framing = Framing.NONE;
    } else {
      request.framing = request.contentLength >= 0 ? Framing.LENGTH : Framing.CHUNKED;
    }
  }
}
