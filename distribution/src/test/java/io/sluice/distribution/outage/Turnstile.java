package io.sluice.distribution.outage;

import java.util.concurrent.Semaphore;

/**
 * Lets scenarios that run at the same time do so a few at once: each starts half a dozen processes,
 * and with more of them at a time all would only wait for the machine.
 */
final class Turnstile {

  private static final Semaphore PLACES =
      new Semaphore(1 + Runtime.getRuntime().availableProcessors(), true);

  private Turnstile() {}

  /** Waits for a place; {@link #leave} gives it back, also where the scenario did not get far. */
  static void enter() {
    PLACES.acquireUninterruptibly();
  }

  static void leave() {
    PLACES.release();
  }
}
