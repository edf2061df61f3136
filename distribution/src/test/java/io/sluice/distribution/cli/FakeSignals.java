package io.sluice.distribution.cli;

import java.util.HashMap;
import java.util.Map;

/** Signals that a test sends. */
final class FakeSignals implements Signals {

  private final Map<String, Runnable> actions = new HashMap<>();

  @Override
  public boolean on(String name, Runnable action) {
    actions.put(name, action);
    return true;
  }

  void send(String name) {
    Runnable action = actions.get(name);
    if (action == null) {
      throw new AssertionError("nobody listens for " + name);
    }
    action.run();
  }
}
