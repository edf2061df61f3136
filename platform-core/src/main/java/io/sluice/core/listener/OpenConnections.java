package io.sluice.core.listener;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections of a listener are open, over all event loops, and with that whether more are
 * accepted. Two loops may cross the bound at once, each its own way, and what one says may overtake
 * what the other says: whoever said something looks at the count again behind it.
 *
 * <p>Thread-safe.
 */
final class OpenConnections {

  /** Turns accepting on or off. From any thread. */
  interface Gate {
    void accept(boolean on);
  }

  private final AtomicInteger open = new AtomicInteger();
  private final Gate gate;

  OpenConnections(Gate gate) {
    this.gate = gate;
  }

  int get() {
    return open.get();
  }

  /** One more, of at most so many. */
  void opened(long most) {
    if (open.incrementAndGet() >= most) {
      settle(most);
    }
  }

  /** One less, of at most so many. */
  void ended(long most) {
    if (open.decrementAndGet() < most) {
      settle(most);
    }
  }

  private void settle(long most) {
    boolean room;
    do {
      room = open.get() < most;
      gate.accept(room);
    } while (room != open.get() < most);
  }
}
