package io.sluice.core.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client of HTTP/2 that sends whatever frames it is told to, and keeps those that come. */
final class Http2Client implements AutoCloseable {

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 1;
  static final int ACK = 1;
  static final int END_HEADERS = 4;

  static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private static final int PATIENCE_MILLIS = 10_000;

  private final Socket socket;
  private final DataInputStream in;
  private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
  private boolean updatesWindows = true;

  /** One that sends nothing yet. */
  Http2Client(Socket connected) {
    try {
      socket = connected;
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      in = new DataInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Http2Client to(int port) {
    try {
      return new Http2Client(new Socket(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One that has sent its preface and these settings, as identifiers and values in turn. */
  static Http2Client open(int port, int... settings) {
    return to(port).begin(settings);
  }

  Http2Client begin(int... settings) {
    send(PREFACE.getBytes(StandardCharsets.US_ASCII));
    ByteBuf payload = Unpooled.buffer();
    for (int i = 0; i < settings.length; i += 2) {
      payload.writeShort(settings[i]).writeInt(settings[i + 1]);
    }
    return frame(SETTINGS, 0, 0, ByteBufUtil.getBytes(payload));
  }

  /** From now on the windows are not opened again. */
  Http2Client stallWindows() {
    updatesWindows = false;
    return this;
  }

  record Frame(int type, int flags, int stream, byte[] payload) {
    boolean has(int flag) {
      return (flags & flag) != 0;
    }

    /** The error code of RST_STREAM and GOAWAY. */
    int error() {
      return Unpooled.wrappedBuffer(payload).getInt(type == GOAWAY ? 4 : 0);
    }

    int lastStream() {
      return Unpooled.wrappedBuffer(payload).getInt(0);
    }
  }

  /** A response, whole or as far as it came before the reset that ended it. */
  record Response(
      List<Http2Headers> informational,
      Http2Headers head,
      String body,
      @Nullable Http2Headers trailers,
      int resetBy) {
    int status() {
      return Integer.parseInt(String.valueOf(head.status()));
    }
  }

  Http2Client send(byte[] octets) {
    try {
      socket.getOutputStream().write(octets);
      socket.getOutputStream().flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] bytes(int type, int flags, int stream, byte[] payload) {
    ByteBuf out = Unpooled.buffer(9 + payload.length);
    out.writeMedium(payload.length).writeByte(type).writeByte(flags).writeInt(stream);
    return ByteBufUtil.getBytes(out.writeBytes(payload));
  }

  Http2Client frame(int type, int flags, int stream, byte[] payload) {
    return send(bytes(type, flags, stream, payload));
  }

  static byte[] number(long value, int octets) {
    byte[] out = new byte[octets];
    for (int i = 0; i < octets; i++) {
      out[i] = (byte) (value >>> (8 * (octets - 1 - i)));
    }
    return out;
  }

  /** A section as octets; fields are names and values in turn. */
  byte[] section(String... fields) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    for (int i = 0; i < fields.length; i += 2) {
      headers.add(fields[i], fields[i + 1]);
    }
    ByteBuf out = Unpooled.buffer();
    try {
      encoder.encodeHeaders(1, headers, out);
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
    return ByteBufUtil.getBytes(out);
  }

  Http2Client headers(int stream, boolean end, String... fields) {
    return frame(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, section(fields));
  }

  /** A request whose fields are the usual ones and {@code more}. */
  Http2Client request(int stream, String method, String path, boolean end, String... more) {
    List<String> fields =
        new ArrayList<>(
            List.of(":method", method, ":scheme", "http", ":authority", "a", ":path", path));
    fields.addAll(List.of(more));
    return headers(stream, end, fields.toArray(String[]::new));
  }

  Http2Client get(int stream, String path) {
    return request(stream, "GET", path, true);
  }

  Http2Client data(int stream, boolean end, String text) {
    return frame(DATA, end ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Http2Client reset(int stream, int error) {
    return frame(RST_STREAM, 0, stream, number(error, 4));
  }

  /** The next frame; null at a clean end. SETTINGS and PING are acknowledged. */
  @Nullable Frame next() {
    try {
      int first = in.read();
      if (first < 0) {
        return null;
      }
      int length = (first << 16) | in.readUnsignedShort();
      Frame frame =
          new Frame(
              in.readUnsignedByte(), in.readUnsignedByte(), in.readInt(), in.readNBytes(length));
      acknowledge(frame);
      return frame;
    } catch (EOFException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void acknowledge(Frame frame) {
    byte[] length = number(frame.payload.length, 4);
    try {
      if (frame.type == SETTINGS && !frame.has(ACK)) {
        frame(SETTINGS, ACK, 0, new byte[0]);
      } else if (frame.type == DATA && frame.payload.length > 0 && updatesWindows) {
        frame(WINDOW_UPDATE, 0, 0, length);
        if (!frame.has(END_STREAM)) {
          frame(WINDOW_UPDATE, 0, frame.stream, length);
        }
      }
    } catch (UncheckedIOException e) {
      // the other side is gone: what it said before it went is still to be read
    }
  }

  /** The next frame of {@code type}, whatever comes before it. */
  Frame next(int type) {
    for (Frame frame = next(); frame != null; frame = next()) {
      if (frame.type == type) {
        return frame;
      }
    }
    throw new IllegalStateException("closed before a frame of type " + type);
  }

  Http2Headers decode(Frame frame) {
    try {
      return decoder.decodeHeaders(frame.stream, Unpooled.wrappedBuffer(frame.payload));
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The response on {@code stream}; frames of other streams are passed over. */
  Response response(int stream) {
    List<Http2Headers> informational = new ArrayList<>();
    Http2Headers head = null;
    Http2Headers trailers = null;
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Frame frame = next(); frame != null; frame = next()) {
      Http2Headers fields = frame.type == HEADERS ? decode(frame) : null;
      if (frame.stream != stream) {
        if (frame.type == GOAWAY && frame.error() != 0) {
          throw new IllegalStateException("GOAWAY " + frame.error());
        }
        continue;
      }
      if (fields != null && fields.status() != null && fields.status().charAt(0) == '1') {
        informational.add(fields);
      } else if (fields != null && head == null) {
        head = fields;
      } else if (fields != null) {
        trailers = fields;
      } else if (frame.type == DATA) {
        body.writeBytes(frame.payload);
      }
      boolean reset = frame.type == RST_STREAM;
      boolean end = (frame.type == DATA || frame.type == HEADERS) && frame.has(END_STREAM);
      if (reset || end) {
        return new Response(
            informational,
            head == null ? new DefaultHttp2Headers() : head,
            body.toString(StandardCharsets.ISO_8859_1),
            trailers,
            reset ? frame.error() : -1);
      }
    }
    throw new IllegalStateException("closed before the response was whole");
  }

  Http2Client halfClose() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
