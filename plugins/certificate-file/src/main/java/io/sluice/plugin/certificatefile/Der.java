package io.sluice.plugin.certificatefile;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** As much of DER (X.690) as it takes to put a key into the envelope that the JDK reads. */
final class Der {

  private static final int INTEGER = 0x02;
  private static final int OCTET_STRING = 0x04;
  private static final int SEQUENCE = 0x30;
  private static final int CONTEXT_0 = 0xa0;

  /** 1.2.840.113549.1.1.1 with NULL (RFC 8017 §A.1). */
  private static final byte[] RSA = {
    6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
  };

  /** 1.2.840.10045.2.1 (RFC 5480 §2.1.1). */
  private static final byte[] EC = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

  private static final byte[] VERSION_0 = {INTEGER, 1, 0};

  private final byte[] octets;
  private int at;

  private Der(byte[] octets) {
    this.octets = octets;
  }

  /** PKCS#8 (RFC 5208 §5) around an RSAPrivateKey (RFC 8017 §A.1.2). */
  static byte[] wrapRsa(byte[] key) {
    return wrap(RSA, key);
  }

  /**
   * PKCS#8 around an ECPrivateKey (RFC 5915 §3), which must name its curve.
   *
   * @throws IllegalArgumentException when it does not, or is no such thing
   */
  static byte[] wrapEc(byte[] key) {
    Der in = new Der(key);
    Der inside = new Der(in.value(SEQUENCE));
    inside.value(INTEGER);
    inside.value(OCTET_STRING);
    byte[] curve = inside.value(CONTEXT_0);
    return wrap(concat(EC, curve), key);
  }

  private static byte[] wrap(byte[] algorithm, byte[] key) {
    return value(SEQUENCE, concat(VERSION_0, value(SEQUENCE, algorithm), value(OCTET_STRING, key)));
  }

  private byte[] value(int tag) {
    if (at + 2 > octets.length || (octets[at] & 0xff) != tag) {
      throw new IllegalArgumentException("unexpected DER");
    }
    int length = octets[at + 1] & 0xff;
    at += 2;
    if (length > 0x82) {
      throw new IllegalArgumentException("DER too long");
    }
    if (length > 0x80) {
      int digits = length - 0x80;
      length = 0;
      for (int i = 0; i < digits && at < octets.length; i++) {
        length = (length << 8) | (octets[at++] & 0xff);
      }
    }
    if (length > octets.length - at) {
      throw new IllegalArgumentException("DER cut short");
    }
    at += length;
    return Arrays.copyOfRange(octets, at - length, at);
  }

  private static byte[] value(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else if (content.length < 0x100) {
      out.write(0x81);
      out.write(content.length);
    } else {
      out.write(0x82);
      out.write(content.length >> 8);
      out.write(content.length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
