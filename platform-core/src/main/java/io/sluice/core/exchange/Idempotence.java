package io.sluice.core.exchange;

/**
 * Which methods may be sent twice: the idempotent ones of RFC 9110 §9.2.2, and of those that other
 * documents register the ones that only read (RFC 4918 §9.1, RFC 3253 §3.6, RFC 5323 §2). What
 * writes there is idempotent in its effect, not in its answer: a MOVE sent twice reports a failure
 * that was none.
 */
final class Idempotence {

  private Idempotence() {}

  static boolean of(String method) {
    return switch (method) {
      case "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "SEARCH" ->
          true;
      default -> false;
    };
  }
}
