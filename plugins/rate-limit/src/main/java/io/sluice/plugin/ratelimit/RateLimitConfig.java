package io.sluice.plugin.ratelimit;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.limit.RateLimitStore.Quota;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys of {@code rate-limit}.
 *
 * @param requests how many requests in {@code per} a key may send in the long run
 * @param per the time that {@code requests} counts for, 1 ms to 30 d
 * @param burst how many of them may come at once: the size of the bucket; {@code requests} by
 *     default
 * @param key what has a bucket of its own; client-ip by default
 * @param ipv6Prefix how much of an IPv6 address is one client, 1 to 128; 64 by default
 * @param denyOnStoreError whether to refuse what a broken store cannot judge; else it passes
 * @param storeTimeout how long to wait for a store; 1 s by default
 * @param headers whether responses carry the RateLimit headers; on by default
 */
record RateLimitConfig(
    long requests,
    Duration per,
    long burst,
    List<KeyPart> key,
    int ipv6Prefix,
    boolean denyOnStoreError,
    Duration storeTimeout,
    boolean headers) {

  private static final long MOST = 1_000_000_000;
  private static final Duration LONGEST = Duration.ofDays(30);
  private static final Duration LONGEST_REFILL = Duration.ofDays(3650);

  /** What happens to a request that the store cannot judge. */
  private enum OnStoreError {
    /** It passes. */
    ALLOW,
    /** It is answered 503. */
    DENY
  }

  static RateLimitConfig decode(ConfigSection config) {
    long requests =
        config
            .integer("requests", 1, MOST)
            .describe("requests that a key may send in per, in the long run")
            .required();
    Duration per =
        config
            .duration("per")
            .describe("the time that requests counts for")
            .check(RateLimitConfig::isPeriod, "a time from 1ms to 30d")
            .orElse(Duration.ofMinutes(1));
    long burst =
        config
            .integer("burst", 1, MOST)
            .describe("requests that may come at once; as many as requests by default")
            .orElse(requests);
    RateLimitConfig decoded =
        new RateLimitConfig(
            requests,
            per,
            burst,
            keyParts(config),
            config
                .integer("ipv6-prefix", 1, 128)
                .describe("bits of an IPv6 address that make one client")
                .orElse(64L)
                .intValue(),
            config
                    .choice("on-store-error", OnStoreError.class)
                    .describe("what happens when the store cannot judge")
                    .orElse(OnStoreError.ALLOW)
                == OnStoreError.DENY,
            config
                .duration("store-timeout")
                .describe("how long to wait for the store")
                .check(limit -> !limit.isZero() && limit.toMinutes() < 1, "a time from 1ms to 59s")
                .orElse(Duration.ofSeconds(1)),
            config
                .flag("headers")
                .describe("whether responses carry the RateLimit headers")
                .orElse(true));
    if (decoded.refillSeconds() > LONGEST_REFILL.toSeconds()) {
      config.problem("burst", "takes more than ten years to refill", "a smaller burst");
    }
    return decoded;
  }

  private static boolean isPeriod(Duration per) {
    return per.toMillis() >= 1 && per.compareTo(LONGEST) <= 0;
  }

  private double refillSeconds() {
    return (double) burst / requests * per.toNanos() / 1e9;
  }

  private static List<KeyPart> keyParts(ConfigSection config) {
    List<KeyPart> parts = new ArrayList<>();
    for (String text :
        config
            .strings("key")
            .describe("what has a bucket of its own; several together make one key")
            .check(list -> !list.isEmpty(), KeyPart.EXPECTED)
            .orElse(List.of("client-ip"))) {
      try {
        parts.add(KeyPart.of(text));
      } catch (IllegalArgumentException e) {
        config.problem("key", String.valueOf(e.getMessage()), KeyPart.EXPECTED);
      }
    }
    return List.copyOf(parts);
  }

  Quota quota() {
    return new Quota(burst, requests, per.toNanos());
  }
}
