package io.sluice.core.listener;

/** A connection that a {@link ListenerSocket} accepted, whatever is spoken on it. On its loop. */
interface ListenerConnection {

  /** The listener takes no more work: ends as soon as nobody is hurt. */
  void drain();

  /** The process ends: so does it, as it stands. */
  void shutDown();
}
