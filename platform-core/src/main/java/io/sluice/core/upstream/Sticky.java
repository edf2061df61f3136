package io.sluice.core.upstream;

import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.CookieName;
import io.sluice.core.http.ParsedRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Brings a client back to the endpoint that answered it before, by a cookie. Its value is the first
 * 128 bits of HMAC-SHA-256 (RFC 2104) over the names of upstream and endpoint, in base64url: it
 * tells nobody which endpoint that is, and nobody without the secret can make one for an endpoint
 * of his choice.
 *
 * <p>{@link #update} is called by one thread at a time, the rest on every event loop at once; a
 * lookup allocates nothing.
 */
public final class Sticky {

  private static final int TOKEN_BYTES = 16;

  /** 128 bits in digits of 6. */
  private static final int TOKEN_LENGTH = 22;

  private static final byte[] DIGITS = digits();

  /** What an endpoint is known by, and the lines that say so. */
  private record Token(long high, long low, String line, String secureLine) {}

  /**
   * Endpoints by token, open addressing, at most half full.
   *
   * @param tokens of the endpoints in {@code places}
   */
  private record Table(
      long[] high, long[] low, @Nullable EndpointState[] places, Map<EndpointState, Token> tokens) {

    static Table of(Map<EndpointState, Token> tokens) {
      int size = Math.max(2, Integer.highestOneBit(tokens.size()) * 4);
      Table table =
          new Table(new long[size], new long[size], new @Nullable EndpointState[size], tokens);
      tokens.forEach(
          (endpoint, token) -> {
            int at = (int) token.high & (size - 1);
            while (table.places[at] != null) {
              at = (at + 1) & (size - 1);
            }
            table.high[at] = token.high;
            table.low[at] = token.low;
            table.places[at] = endpoint;
          });
      return table;
    }

    @Nullable EndpointState find(long wantedHigh, long wantedLow) {
      int mask = places.length - 1;
      for (int at = (int) wantedHigh & mask; places[at] != null; at = (at + 1) & mask) {
        if (high[at] == wantedHigh && low[at] == wantedLow) {
          return places[at];
        }
      }
      return null;
    }
  }

  /** What stands in for a secret that is not configured. */
  private static final class OwnSecret {
    static final byte[] OCTETS = new byte[32];

    static {
      new SecureRandom().nextBytes(OCTETS);
    }

    private OwnSecret() {}
  }

  private final String upstream;
  private final StickyConfig config;
  private final CookieName cookie;
  private final byte[] secret;
  private Map<EndpointState, Token> known = Map.of();
  private volatile Table table = Table.of(Map.of());

  Sticky(String upstream, StickyConfig config) {
    this.upstream = upstream;
    this.config = config;
    this.cookie = new CookieName(config.name());
    String given = config.secret();
    this.secret = given == null ? OwnSecret.OCTETS : given.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] digits() {
    byte[] table = new byte[128];
    Arrays.fill(table, (byte) -1);
    String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int i = 0; i < digits.length(); i++) {
      table[digits.charAt(i)] = (byte) i;
    }
    return table;
  }

  /** These are the endpoints that clients may come back to from now on. */
  void update(Collection<EndpointState> endpoints) {
    Map<EndpointState, Token> now = new HashMap<>();
    for (EndpointState endpoint : endpoints) {
      Token token = known.get(endpoint);
      now.put(endpoint, token == null ? token(endpoint) : token);
    }
    known = now;
    table = Table.of(now);
  }

  private Token token(EndpointState endpoint) {
    byte[] mac = mac(upstream + '\0' + endpoint.id());
    byte[] octets = Arrays.copyOf(mac, TOKEN_BYTES);
    ByteBuffer halves = ByteBuffer.wrap(octets);
    String line = line(Base64.getUrlEncoder().withoutPadding().encodeToString(octets));
    return new Token(halves.getLong(), halves.getLong(), line, line + "; Secure");
  }

  private byte[] mac(String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has HmacSHA256", e);
    }
  }

  private String line(String value) {
    StringBuilder line = new StringBuilder(config.name()).append('=').append(value);
    line.append("; Path=").append(config.path());
    if (config.ttl() != null) {
      line.append("; Max-Age=").append(config.ttl().toSeconds());
    }
    if (config.httpOnly()) {
      line.append("; HttpOnly");
    }
    return line.append("; SameSite=").append(config.sameSite()).toString();
  }

  /** The cookie, which no endpoint needs to see. */
  public CookieName cookie() {
    return cookie;
  }

  /** The endpoint that the client was at, if it may come back to it; else null. */
  @Nullable EndpointState find(ByteHeaders headers) {
    Table now = table;
    long found = cookie.find(headers, CookieName.NONE);
    while (found != CookieName.NONE) {
      EndpointState endpoint = find(now, headers, found);
      if (endpoint != null) {
        return endpoint;
      }
      found = cookie.find(headers, found);
    }
    return null;
  }

  private static @Nullable EndpointState find(Table table, ByteHeaders headers, long found) {
    int start = CookieName.start(found);
    if (CookieName.end(found) - start != TOKEN_LENGTH) {
      return null;
    }
    long high = 0;
    long low = 0;
    for (int i = 0; i < TOKEN_LENGTH; i++) {
      byte octet = headers.octet(start + i);
      int digit = octet < 0 ? -1 : DIGITS[octet];
      if (digit < 0) {
        return null;
      }
      // 22 digits are 132 bits; the last 4 hold nothing.
      if (i == TOKEN_LENGTH - 1) {
        digit >>= 4;
        high = high << 2 | low >>> 62;
        low = low << 2 | digit;
      } else {
        high = high << 6 | low >>> 58;
        low = low << 6 | digit;
      }
    }
    return table.find(high, low);
  }

  /**
   * The value of Set-Cookie that brings the client back to {@code endpoint}, or null where it needs
   * none: its cookie does so already, or it may not come back there.
   */
  public @Nullable String cookieFor(ParsedRequest request, EndpointState endpoint) {
    Token token = table.tokens.get(endpoint);
    if (token == null || find(request.headers()) == endpoint) {
      return null;
    }
    return switch (config.secure()) {
      case ON -> token.secureLine;
      case OFF -> token.line;
      case AUTO -> request.scheme().equals("https") ? token.secureLine : token.line;
    };
  }
}
