package io.sluice.core.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The nonce of a WebSocket's opening handshake and what proves that it was read (RFC 6455 §4.2.2).
 * Only HTTP/1.1 has them; where a handshake comes from HTTP/2 or goes there, they are made here.
 * The nonce guards against caches that answer by mistake and is no secret, so any random source
 * does.
 */
public final class WebSocketKey {

  /** The protocol's name in {@code Upgrade} and {@code :protocol}. */
  public static final String PROTOCOL = "websocket";

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private WebSocketKey() {}

  /** A value for Sec-WebSocket-Key: sixteen octets in base64. */
  public static String random() {
    byte[] nonce = new byte[16];
    ThreadLocalRandom.current().nextBytes(nonce);
    return Base64.getEncoder().encodeToString(nonce);
  }

  /** The Sec-WebSocket-Accept that answers {@code key}. */
  public static String accept(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      byte[] digest = sha1.digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
