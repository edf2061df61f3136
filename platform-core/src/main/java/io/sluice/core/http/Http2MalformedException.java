package io.sluice.core.http;

/**
 * A field section of HTTP/2 that is no message at all (RFC 9113 §8.1.1): its stream is reset with
 * {@code PROTOCOL_ERROR} and nobody else hears of it. Carries no stack trace.
 */
public final class Http2MalformedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** A refusal; {@code reason} never holds an octet that came from the other side. */
  Http2MalformedException(String reason) {
    super(reason, null, false, false);
  }
}
