package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Reads a start line and a header section (RFC 9112 §2 to §5), strictly: lines end in CRLF and
 * nothing else, names are tokens with the colon right behind them, no line is folded. Octets may
 * come in any portions; each is looked at once, but for one partial line.
 */
abstract class HeadParser {

  private static final int STEP = 2048;

  private final int maxBytes;
  private final int maxLines;
  private final ErrorKind malformed;
  private final ErrorKind tooLarge;

  private int lineStart;
  private int searched;
  private boolean partial;
  private boolean startLineDone;
  private int startLineEnd;

  /**
   * A parser.
   *
   * @param maxBytes the most octets of start line and header section together
   * @param maxLines the most field lines
   */
  HeadParser(int maxBytes, int maxLines, ErrorKind malformed, ErrorKind tooLarge) {
    this.maxBytes = maxBytes;
    this.maxLines = maxLines;
    this.malformed = malformed;
    this.tooLarge = tooLarge;
  }

  /** Where the octets and lines of the head under way go. */
  abstract ByteHeaders headers();

  /** Forgets the values of the last message. */
  abstract void clear();

  /** Reads the start line in {@code bytes[from, end)}, line end excluded. */
  abstract void startLine(byte[] bytes, int from, int end);

  /** What is said when the start line alone is over the limit. */
  abstract ErrorKind startLineTooLong();

  /** Whether octets of an unfinished head are waiting for more. */
  public final boolean begun() {
    return headers().used > 0;
  }

  final void begin() {
    headers().clear();
    clear();
    lineStart = 0;
    searched = 0;
    partial = false;
    startLineDone = false;
  }

  /** Takes octets up to the end of the head; answers whether it came. */
  final boolean feed(ByteBuf in) {
    ByteHeaders headers = headers();
    while (in.isReadable()) {
      int take = Math.min(in.readableBytes(), STEP);
      headers.ensure(take);
      int before = headers.used;
      in.getBytes(in.readerIndex(), headers.bytes, before, take);
      headers.used = before + take;
      int end = scan(headers);
      if (end >= 0) {
        if (end > maxBytes) {
          throw tooLarge();
        }
        in.skipBytes(end - before);
        headers.used = end;
        headers.received = end;
        return true;
      }
      in.skipBytes(take);
      if (headers.used > maxBytes) {
        throw tooLarge();
      }
    }
    return false;
  }

  /** Reads as many whole lines as are there; answers where the head ends, or −1. */
  private int scan(ByteHeaders headers) {
    byte[] bytes = headers.bytes;
    int end = headers.used;
    if (partial && !lineFeedCame(bytes, end)) {
      return -1;
    }
    if (!startLineDone && !readStartLine(bytes, end)) {
      return -1;
    }
    while (true) {
      int at = lineStart;
      if (at < end && bytes[at] == '\r') {
        if (at + 1 == end) {
          return wait(at, end);
        }
        if (bytes[at + 1] != '\n') {
          throw bad("bare CR");
        }
        return at + 2;
      }
      if (!readFieldLine(headers, bytes, at, end)) {
        return wait(at, end);
      }
    }
  }

  private boolean lineFeedCame(byte[] bytes, int end) {
    for (int i = searched; i < end; i++) {
      if (bytes[i] == '\n') {
        partial = false;
        return true;
      }
    }
    searched = end;
    return false;
  }

  private int wait(int from, int end) {
    partial = end > from;
    searched = end;
    return -1;
  }

  private boolean readStartLine(byte[] bytes, int end) {
    int from = 0;
    if (bytes[0] == '\r') { // RFC 9112 §2.2: an empty line before the start line is ignored, once
      if (end < 2) {
        return false;
      }
      if (bytes[1] != '\n') {
        throw bad("bare CR");
      }
      from = 2;
    }
    int at = Octets.span(bytes, from, end, Octets.VALUE);
    if (at + 1 >= end) {
      if (at < end && bytes[at] != '\r') {
        throw bad("malformed start line");
      }
      wait(from, end);
      return false;
    }
    if (bytes[at] != '\r' || bytes[at + 1] != '\n') {
      throw bad("malformed start line");
    }
    startLine(bytes, from, at);
    lineStart = at + 2;
    startLineEnd = at;
    startLineDone = true;
    return true;
  }

  private boolean readFieldLine(ByteHeaders headers, byte[] bytes, int from, int end) {
    int nameEnd = Octets.span(bytes, from, end, Octets.TOKEN);
    if (nameEnd == end) {
      return false;
    }
    if (bytes[nameEnd] != ':' || nameEnd == from) {
      throw bad("malformed header line");
    }
    int value = nameEnd + 1;
    while (value < end && ByteHeaders.isSpace(bytes[value])) {
      value++;
    }
    int valueEnd = Octets.span(bytes, value, end, Octets.VALUE);
    if (valueEnd + 1 >= end) {
      if (valueEnd < end && bytes[valueEnd] != '\r') {
        throw bad("malformed header value");
      }
      return false;
    }
    if (bytes[valueEnd] != '\r' || bytes[valueEnd + 1] != '\n') {
      throw bad("malformed header value");
    }
    int lineEnd = valueEnd + 2;
    while (valueEnd > value && ByteHeaders.isSpace(bytes[valueEnd - 1])) {
      valueEnd--;
    }
    if (headers.size() == maxLines) {
      throw new FramingException(tooLarge, "too many header lines");
    }
    headers.index(from, nameEnd - from, value, valueEnd, lineEnd);
    lineStart = lineEnd;
    return true;
  }

  private FramingException tooLarge() {
    return startLineDone && startLineEnd <= maxBytes
        ? new FramingException(tooLarge, "header section too large")
        : new FramingException(startLineTooLong(), "start line too long");
  }

  final FramingException bad(String reason) {
    return new FramingException(malformed, reason);
  }

  /**
   * The one Content-Length, or −1 without one (RFC 9112 §6.3): several of them are refused even
   * when they agree.
   */
  final long contentLength() {
    ByteHeaders headers = headers();
    int at = headers.find(Known.CONTENT_LENGTH);
    if (at < 0) {
      return -1;
    }
    if (headers.find(Known.CONTENT_LENGTH, at + 1) >= 0) {
      throw bad("several Content-Length lines");
    }
    int from = headers.valueStart(at);
    int end = headers.valueEnd(at);
    if (from == end
        || end - from > 18
        || Octets.span(headers.bytes, from, end, Octets.DIGIT) != end) {
      throw bad("malformed Content-Length");
    }
    long length = 0;
    for (int i = from; i < end; i++) {
      length = length * 10 + (headers.bytes[i] - '0');
    }
    return length;
  }

  /** Whether Transfer-Encoding is there; anything but one final {@code chunked} is refused. */
  final boolean chunked() {
    ByteHeaders headers = headers();
    int at = headers.find(Known.TRANSFER_ENCODING);
    if (at < 0) {
      return false;
    }
    if (Octets.equalsIgnoreCase(
            headers.bytes, headers.valueStart(at), headers.valueEnd(at), "chunked")
        && headers.find(Known.TRANSFER_ENCODING, at + 1) < 0) {
      return true;
    }
    StringBuilder codings = new StringBuilder();
    for (; at >= 0; at = headers.find(Known.TRANSFER_ENCODING, at + 1)) {
      codings.append(headers.value(at).toLowerCase(Locale.ROOT)).append(',');
    }
    List<String> members = Arrays.stream(codings.toString().split(",")).map(String::strip).toList();
    int chunked = members.indexOf("chunked");
    if (members.isEmpty() || (chunked >= 0 && chunked < members.size() - 1)) {
      throw bad("malformed Transfer-Encoding");
    }
    throw new FramingException(unknownCoding(), "unknown transfer coding");
  }

  /** What is said to a transfer coding other than chunked. */
  abstract ErrorKind unknownCoding();
}
