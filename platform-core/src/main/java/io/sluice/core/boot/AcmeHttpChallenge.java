package io.sluice.core.boot;

import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.core.transport.tls.AcmeChallenges;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Answers an authority that comes for a http-01 challenge (RFC 8555 §8.3). First in the chain of
 * every plaintext listener, ahead of what could redirect or refuse it; only where a certificate
 * source has challenges to answer.
 */
final class AcmeHttpChallenge implements Middleware {

  static final String NAME = "acme-http-01";

  private static final String PREFIX = "/.well-known/acme-challenge/";
  private static final int LONGEST_TOKEN = 256;

  private final AcmeChallenges challenges;

  AcmeHttpChallenge(AcmeChallenges challenges) {
    this.challenges = challenges;
  }

  @Override
  public Flow onRequest(Exchange exchange) {
    String path = exchange.request().path();
    if (!path.startsWith(PREFIX)) {
      return Flow.CONTINUE;
    }
    String method = exchange.request().method();
    String token = path.substring(PREFIX.length());
    boolean asks = method.equals("GET") || method.equals("HEAD");
    String authorization = asks && isToken(token) ? challenges.httpChallenge(token) : null;
    return authorization == null
        ? Flow.CONTINUE // an endpoint of its own may have it
        : exchange.respond(
            200,
            Map.of("Content-Type", "application/octet-stream", "Cache-Control", "no-store"),
            authorization.getBytes(StandardCharsets.US_ASCII));
  }

  /** Base64url without padding (RFC 8555 §8.3). */
  private static boolean isToken(String text) {
    return !text.isEmpty()
        && text.length() <= LONGEST_TOKEN
        && text.chars().allMatch(AcmeHttpChallenge::isTokenChar);
  }

  private static boolean isTokenChar(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }
}
