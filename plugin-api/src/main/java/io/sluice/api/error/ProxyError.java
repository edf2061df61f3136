package io.sluice.api.error;

import org.jspecify.annotations.Nullable;

/**
 * What went wrong with an exchange: what kind, on whose side, and whether another attempt is safe.
 * Expected network failures carry no stack trace. One table, {@code docs/errors.md}, maps kinds to
 * statuses.
 */
public final class ProxyError extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** On whose side the fault lies. */
  public enum Source {
    /** The client's. */
    DOWNSTREAM,
    /** The endpoint's, or the way to it. */
    UPSTREAM,
    /** Sluice's own, plugins included. */
    INTERNAL,
    /** The configuration's. */
    CONFIG
  }

  private final ErrorKind kind;
  private final boolean retrySafe;
  private final String clientMessage;

  /**
   * An error without a stack trace.
   *
   * @param kind what happened
   * @param retrySafe whether no octet of the request can have been processed by an endpoint
   * @param clientMessage what the client may read: never an internal address or a plugin's words
   * @param cause for the log, or null
   */
  public ProxyError(
      ErrorKind kind, boolean retrySafe, String clientMessage, @Nullable Throwable cause) {
    super(clientMessage, cause, false, false);
    this.kind = kind;
    this.retrySafe = retrySafe;
    this.clientMessage = clientMessage;
  }

  /** What happened. */
  public ErrorKind kind() {
    return kind;
  }

  /** On whose side. */
  public Source source() {
    return kind.source();
  }

  /** Whether no octet of the request can have been processed by an endpoint. */
  public boolean retrySafe() {
    return retrySafe;
  }

  /** What the client may read. */
  public String clientMessage() {
    return clientMessage;
  }
}
