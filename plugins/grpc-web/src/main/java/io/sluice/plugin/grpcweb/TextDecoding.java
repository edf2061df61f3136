package io.sluice.plugin.grpcweb;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.http.Chunk;
import io.sluice.api.http.Headers;
import io.sluice.api.middleware.BodySink;
import io.sluice.api.middleware.BodyTransform;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes base64 (RFC 4648 §4) away from a body that may be cut anywhere. Padding may stand within
 * it: a client that encodes message by message pads each, and what follows begins anew.
 */
final class TextDecoding implements BodyTransform {

  private static final byte[] VALUES = values();
  private static final int PAD = 64;

  private int quantum;
  private int digits;
  private int pads;
  private boolean failed;

  private static byte[] values() {
    byte[] values = new byte[256];
    Arrays.fill(values, (byte) -1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < alphabet.length(); i++) {
      values[alphabet.charAt(i)] = (byte) i;
    }
    values['='] = PAD;
    return values;
  }

  @Override
  public void onChunk(Chunk chunk, BodySink sink) {
    if (failed) {
      return;
    }
    ByteBuffer in = chunk.bytes();
    ByteBuffer out = ByteBuffer.allocate((in.remaining() + 3) / 4 * 3 + 3);
    while (in.hasRemaining()) {
      if (!take(VALUES[in.get() & 0xFF], out)) {
        failed = true;
        sink.fail(malformed());
        return;
      }
    }
    sink.write(out.flip());
  }

  /** One character; answers whether it may stand there. */
  private boolean take(int value, ByteBuffer out) {
    if (value < 0 || (value == PAD && digits < 2) || (value != PAD && pads > 0)) {
      return false;
    }
    if (value == PAD) {
      pads++;
    } else {
      quantum = (quantum << 6) | value;
      digits++;
    }
    if (digits + pads == 4) {
      int bits = quantum << (6 * pads);
      if ((bits & ((1 << (8 * pads)) - 1)) != 0) {
        return false; // octets of which no text was made
      }
      for (int i = 0; i < 3 - pads; i++) {
        out.put((byte) (bits >> (16 - 8 * i)));
      }
      quantum = 0;
      digits = 0;
      pads = 0;
    }
    return true;
  }

  @Override
  public void onEnd(@Nullable Headers trailers, BodySink sink) {
    if (digits > 0 && !failed) {
      sink.fail(malformed());
    } else if (!failed) {
      sink.end(trailers);
    }
  }

  private static ProxyError malformed() {
    return new ProxyError(ErrorKind.BAD_REQUEST, false, "the content is not base64", null);
  }
}
