package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HttpVersion;

/**
 * Reads the HTTP/1.1 response heads of an endpoint (RFC 9112), as strictly as requests: a response
 * whose length two recipients could read in two ways is refused.
 *
 * <p>One for each connection, on its event loop.
 */
public final class ResponseParser extends HeadParser {

  private ParsedResponse response = new ParsedResponse();

  /**
   * A parser for one connection.
   *
   * @param maxBytes the most octets of status line and header section together
   * @param maxLines the most field lines
   */
  public ResponseParser(int maxBytes, int maxLines) {
    super(maxBytes, maxLines, ErrorKind.BAD_RESPONSE, ErrorKind.RESPONSE_TOO_LARGE);
  }

  /** Makes ready for the next head, which is to be kept in {@code target}. */
  public void reset(ParsedResponse target) {
    response = target;
    begin();
  }

  /**
   * Takes octets up to the end of the head.
   *
   * @param toHead whether the request was HEAD, so that no content follows whatever the head says
   * @return whether the head is whole; the octets behind it are left in {@code in}
   * @throws FramingException when it is refused; the connection must be closed
   */
  public boolean read(ByteBuf in, boolean toHead) {
    if (!feed(in)) {
      return false;
    }
    finish(toHead);
    return true;
  }

  @Override
  ByteHeaders headers() {
    return response.headers;
  }

  @Override
  ErrorKind startLineTooLong() {
    return ErrorKind.BAD_RESPONSE;
  }

  @Override
  ErrorKind unknownCoding() {
    return ErrorKind.BAD_RESPONSE;
  }

  @Override
  void clear() {
    response.status = 0;
    response.framing = Framing.NONE;
    response.contentLength = -1;
  }

  @Override
  void startLine(byte[] bytes, int from, int end) {
    if (end - from < 12
        || bytes[from] != 'H'
        || bytes[from + 1] != 'T'
        || bytes[from + 2] != 'T'
        || bytes[from + 3] != 'P'
        || bytes[from + 4] != '/'
        || bytes[from + 5] != '1'
        || bytes[from + 6] != '.'
        || !Octets.is(bytes[from + 7], Octets.DIGIT)
        || bytes[from + 8] != ' '
        || Octets.span(bytes, from + 9, from + 12, Octets.DIGIT) != from + 12
        || (end - from > 12 && bytes[from + 12] != ' ')) {
      throw bad("malformed status line");
    }
    int status =
        (bytes[from + 9] - '0') * 100 + (bytes[from + 10] - '0') * 10 + (bytes[from + 11] - '0');
    if (status < 100 || status > 599) {
      throw bad("status out of range");
    }
    response.status = status;
    response.version = bytes[from + 7] == '0' ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
  }

  private void finish(boolean toHead) {
    ParsedResponse response = this.response;
    response.connection.read(response.headers);
    response.keepAlive =
        !response.connection.close
            && (response.version == HttpVersion.HTTP_1_1 || response.connection.keepAlive);
    long length = contentLength();
    boolean chunked = chunked();
    if (chunked && length >= 0) {
      throw bad("Content-Length with Transfer-Encoding");
    }
    if (chunked && response.version == HttpVersion.HTTP_1_0) {
      throw bad("Transfer-Encoding in HTTP/1.0");
    }
    response.contentLength = length;
    if (response.status < 200 || response.status == 204) {
      if (chunked || length > 0) {
        throw bad("content where none may be");
      }
      response.framing = Framing.NONE;
    } else if (toHead || response.status == 304) {
      response.framing = Framing.NONE;
    } else if (chunked) {
      response.framing = Framing.CHUNKED;
    } else if (length >= 0) {
      response.framing = length == 0 ? Framing.NONE : Framing.LENGTH;
    } else {
      response.framing = Framing.UNTIL_CLOSE;
      response.keepAlive = false;
    }
  }
}
