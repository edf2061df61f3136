package io.sluice.plugin.ratelimit;

import io.sluice.api.http.HeaderName;
import io.sluice.api.middleware.Exchange;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the key of an exchange's bucket: the name of the middleware, so that a shared store keeps
 * limits apart, and each part behind a line feed, which no part can hold. A long key, which a
 * client can make at will, is stored as its SHA-256, so a store's memory is bounded by its number
 * of keys.
 */
final class BucketKey {

  private static final int MAX_CHARS = 128;
  private static final char SEPARATOR = '\n';

  private final String prefix;
  private final List<KeyPart> parts;
  private final List<HeaderName> headers;
  private final int ipv6Prefix;

  BucketKey(String middleware, List<KeyPart> parts, int ipv6Prefix) {
    this.prefix = middleware + SEPARATOR;
    this.parts = parts;
    this.ipv6Prefix = ipv6Prefix;
    this.headers =
        parts.stream()
            .map(p -> HeaderName.of(p.kind() == KeyPart.Kind.HEADER ? p.name() : "unused"))
            .toList();
  }

  String of(Exchange exchange) {
    if (parts.size() == 1) {
      return bounded(prefix.concat(part(0, exchange)));
    }
    StringBuilder key = new StringBuilder(prefix);
    for (int i = 0; i < parts.size(); i++) {
      key.append(part(i, exchange)).append(SEPARATOR);
    }
    return bounded(key.toString());
  }

  private String part(int index, Exchange exchange) {
    KeyPart part = parts.get(index);
    return switch (part.kind()) {
      case CLIENT_IP -> client(exchange);
      case PATH -> exchange.request().path();
      case HOST -> exchange.request().host();
      case ROUTE -> orEmpty(exchange.route());
      case HEADER -> orEmpty(exchange.request().headers().get(headers.get(index)));
      case COOKIE -> KeyPart.cookie(exchange.request().headers(), part.name());
    };
  }

  /** One who holds an IPv6 network holds all of its addresses, so the network is the client. */
  private String client(Exchange exchange) {
    SocketAddress client = exchange.client();
    if (!(client instanceof InetSocketAddress inet)
        || !(inet.getAddress() instanceof Inet6Address address)) {
      return exchange.clientIp();
    }
    byte[] octets = address.getAddress();
    for (int bit = ipv6Prefix; bit < 128; bit++) {
      octets[bit >> 3] &= (byte) ~(0x80 >> (bit & 7));
    }
    return HexFormat.of().formatHex(octets);
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private String bounded(String key) {
    return key.length() <= prefix.length() + MAX_CHARS ? key : prefix + digest(key);
  }

  private static String digest(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
