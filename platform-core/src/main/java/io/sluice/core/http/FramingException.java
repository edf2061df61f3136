package io.sluice.core.http;

import io.sluice.api.error.ErrorKind;

/**
 * Octets that are no acceptable HTTP/1.1 message. The connection they came on cannot be used any
 * further: where the next message begins is unknown. Carries no stack trace.
 */
public final class FramingException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorKind kind;

  /**
   * A refusal.
   *
   * @param reason what was wrong, safe to show to the other side: never an octet that it sent
   */
  public FramingException(ErrorKind kind, String reason) {
    super(reason, null, false, false);
    this.kind = kind;
  }

  /** What the other side is told. */
  public ErrorKind kind() {
    return kind;
  }

  /** What was wrong. */
  public String reason() {
    String reason = getMessage();
    return reason == null ? "" : reason;
  }
}
