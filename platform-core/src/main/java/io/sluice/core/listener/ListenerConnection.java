package io.sluice.core.listener;

/** A connection that a {@link ListenerSocket} accepted, whatever is spoken on it. On its loop. */
interface ListenerConnection {

  /** The listener takes no more work: ends as soon as nobody is hurt. */
  void drain();

  /**
   * The listener may ask more of its clients than it did: where it would not let this one in any
   * longer, ends after what it is at. For those that serve requests.
   */
  default void reconsider() {}

  /** The process ends: so does it, as it stands. */
  void shutDown();
}
