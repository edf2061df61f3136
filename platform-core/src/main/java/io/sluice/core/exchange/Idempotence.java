package io.sluice.core.exchange;

/** Which methods may be sent twice (RFC 9110 §9.2.2). */
final class Idempotence {

  private Idempotence() {}

  static boolean of(String method) {
    return switch (method) {
      case "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE" -> true;
      default -> false;
    };
  }
}
