package io.sluice.api.observe;

import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Outcome;

/**
 * Writes one record for each exchange. Called on the exchange's event loop; must not block:
 * formatting happens here, writing elsewhere.
 */
public interface AccessLog extends AutoCloseable {

  /** The exchange ended. It is borrowed for the length of the call. */
  void log(Exchange exchange, Outcome outcome);

  /**
   * A connection of a listener whose protocol is {@code tcp} or {@code tls-passthrough} ended. It
   * is borrowed for the length of the call, and no exchange belongs to it.
   */
  default void log(TcpConnection connection) {}

  /** Writes out what is pending and stops. */
  @Override
  void close();
}
