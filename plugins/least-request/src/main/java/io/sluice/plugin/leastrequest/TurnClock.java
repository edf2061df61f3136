package io.sluice.plugin.leastrequest;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The virtual time of one picker: the start tag of the turn taken last. Event loops write it
 * without ordering; a lost update costs fairness of one turn, never correctness.
 */
final class TurnClock {

  private final AtomicLong now = new AtomicLong();

  long now() {
    return now.getOpaque();
  }

  void set(long time) {
    now.setOpaque(time);
  }
}
