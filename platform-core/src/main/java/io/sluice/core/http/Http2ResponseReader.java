package io.sluice.core.http;

import io.netty.handler.codec.http2.Http2Headers;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Reads the field sections of an endpoint's HTTP/2 responses (RFC 9113 §8.3.2) through the same
 * {@link ResponseParser} that reads HTTP/1.1. A 2xx that answers an extended CONNECT (RFC 8441) is
 * read as the 101 that the client waits for.
 *
 * <p>One for each connection, on its event loop.
 */
public final class Http2ResponseReader {

  private final Http2Section section = new Http2Section();
  private final ResponseParser parser;

  /**
   * A reader for one connection.
   *
   * @param maxBytes the most octets of a section, written as HTTP/1.1
   * @param maxLines the most field lines
   */
  public Http2ResponseReader(int maxBytes, int maxLines) {
    parser = new ResponseParser(maxBytes, maxLines);
  }

  /**
   * Reads one head.
   *
   * @param target what it becomes
   * @param toHead whether the request was HEAD, so that no content follows
   * @param endOfStream whether nothing follows at all
   * @param tunnel the WebSocket key of the upgrade that was sent as an extended CONNECT, or null
   * @throws FramingException with {@link ErrorKind#BAD_RESPONSE} or {@link
   *     ErrorKind#RESPONSE_TOO_LARGE}; the stream is to be reset
   */
  public void read(
      Http2Headers fields,
      ParsedResponse target,
      boolean toHead,
      boolean endOfStream,
      @Nullable String tunnel) {
    try {
      CharSequence status = fields.status();
      String key = endOfStream || !successful(status) ? null : tunnel;
      section.begin();
      section.text("HTTP/1.1 ");
      if (key != null) {
        section.text("101");
      } else {
        section.part(status == null ? "" : status, Octets.DIGIT);
      }
      section.text(" \r\n").lines(fields);
      if (key != null) {
        section.text("connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: ");
        section.text(WebSocketKey.accept(key)).text("\r\n");
      }
      section.text("\r\n");
      parser.reset(target);
      if (!parser.read(section.octets(), toHead)) {
        throw bad("incomplete field section");
      }
      finish(target, toHead, endOfStream, key != null);
    } catch (Http2MalformedException e) {
      throw bad(String.valueOf(e.getMessage()));
    }
  }

  private static boolean successful(@Nullable CharSequence status) {
    return status != null && status.length() == 3 && status.charAt(0) == '2';
  }

  private static void finish(
      ParsedResponse target, boolean toHead, boolean endOfStream, boolean opened) {
    target.version = HttpVersion.HTTP_2;
    target.keepAlive = true;
    if (opened) {
      return;
    }
    if (target.status < 200) {
      if (endOfStream || target.status == 101) {
        throw bad("malformed informational response"); // RFC 9113 §8.1, §8.6
      }
      return;
    }
    boolean bodyless = toHead || target.status == 204 || target.status == 304;
    if (endOfStream) {
      if (target.contentLength > 0 && !bodyless) {
        throw bad("content-length without content");
      }
      target.framing = Framing.NONE;
    } else if (!bodyless) {
      target.framing = target.contentLength >= 0 ? Framing.LENGTH : Framing.CHUNKED;
    }
  }

  private static FramingException bad(String reason) {
    return new FramingException(ErrorKind.BAD_RESPONSE, reason);
  }
}
