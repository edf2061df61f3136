package io.sluice.plugin.grpcweb;

import io.sluice.api.http.Chunk;
import io.sluice.api.http.Headers;
import io.sluice.api.middleware.BodySink;
import io.sluice.api.middleware.BodyTransform;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Passes the messages of a response on, and its trailers behind them as a frame of their own: the
 * flag 0x80, four octets of length, and lines as HTTP/1 has them, with names in lower case.
 */
final class TrailersInBody implements BodyTransform {

  private static final byte TRAILERS = (byte) 0x80;
  private static final String NO_STATUS =
      "grpc-status:13\r\ngrpc-message:the response ended without a status\r\n";

  private final @Nullable TextEncoding text;
  private final boolean statusInHead;

  /**
   * @param asText whether the client takes base64
   * @param statusInHead whether the head told how the call ended
   */
  TrailersInBody(boolean asText, boolean statusInHead) {
    this.text = asText ? new TextEncoding() : null;
    this.statusInHead = statusInHead;
  }

  @Override
  public void onChunk(Chunk chunk, BodySink sink) {
    if (text == null) {
      sink.write(chunk);
    } else {
      sink.write(text.encode(chunk.bytes()));
    }
  }

  @Override
  public void onEnd(@Nullable Headers trailers, BodySink sink) {
    String lines = lines(trailers);
    if (!lines.isEmpty()) {
      ByteBuffer frame = frame(lines);
      if (text != null) {
        sink.write(text.encode(frame));
      } else {
        sink.write(frame);
      }
    }
    if (text != null) {
      sink.write(text.rest());
    }
    sink.end(null);
  }

  private String lines(@Nullable Headers trailers) {
    if (trailers == null || trailers.size() == 0) {
      return statusInHead ? "" : NO_STATUS;
    }
    StringBuilder lines = new StringBuilder();
    trailers.forEach(
        (name, value) ->
            lines.append(name.toLowerCase(Locale.ROOT)).append(':').append(value).append("\r\n"));
    return lines.toString();
  }

  private static ByteBuffer frame(String lines) {
    byte[] octets = lines.getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(5 + octets.length)
        .put(TRAILERS)
        .putInt(octets.length)
        .put(octets)
        .flip();
  }

  /**
   * Puts base64 (RFC 4648 §4) around a body. A client decodes what it has got so far, four
   * characters at a time: so that none waits for the next message to see the end of one, every
   * frame ends with padding. Within a frame at most two octets are held back.
   */
  private static final class TextEncoding {

    private static final int PREFIX = 5;

    private final Base64.Encoder base64 = Base64.getEncoder();
    private final ByteArrayOutputStream held = new ByteArrayOutputStream(3);
    private int prefixSeen;
    private long frameLeft;
    private long length;

    ByteBuffer encode(ByteBuffer in) {
      ByteArrayOutputStream out = new ByteArrayOutputStream(in.remaining() * 4 / 3 + 8);
      while (in.hasRemaining()) {
        if (prefixSeen < PREFIX) {
          byte octet = in.get();
          length = prefixSeen == 0 ? 0 : (length << 8) | (octet & 0xFF);
          prefixSeen++;
          put(octet, out);
          frameLeft = length;
        } else {
          int portion = (int) Math.min(frameLeft, in.remaining());
          byte[] octets = new byte[portion];
          in.get(octets);
          put(octets, out);
          frameLeft -= portion;
        }
        if (prefixSeen == PREFIX && frameLeft == 0) {
          flush(out);
          prefixSeen = 0;
        }
      }
      return ByteBuffer.wrap(out.toByteArray());
    }

    /** What a body that ends within a frame leaves. */
    ByteBuffer rest() {
      ByteArrayOutputStream out = new ByteArrayOutputStream(4);
      flush(out);
      return ByteBuffer.wrap(out.toByteArray());
    }

    private void put(byte octet, ByteArrayOutputStream out) {
      held.write(octet);
      if (held.size() == 3) {
        flush(out);
      }
    }

    private void put(byte[] octets, ByteArrayOutputStream out) {
      int at = 0;
      while (at < octets.length && held.size() > 0) {
        put(octets[at++], out);
      }
      int whole = (octets.length - at) / 3 * 3;
      out.writeBytes(base64.encode(Arrays.copyOfRange(octets, at, at + whole)));
      for (at += whole; at < octets.length; at++) {
        put(octets[at], out);
      }
    }

    private void flush(ByteArrayOutputStream out) {
      out.writeBytes(base64.encode(held.toByteArray()));
      held.reset();
    }
  }
}
