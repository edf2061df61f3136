package io.sluice.core.boot;

import io.sluice.core.listener.ListenerConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a new configuration changed, for people. */
final class Changes {

  private Changes() {}

  static List<String> between(Loaded before, Loaded after) {
    List<String> changes = new ArrayList<>();
    compare(changes, "upstream", upstreams(before), upstreams(after));
    compare(changes, "middleware", middleware(before), middleware(after));
    compare(changes, "listener", listeners(before), listeners(after));
    compare(changes, "route", routes(before), routes(after));
    return changes;
  }

  private static void compare(
      List<String> changes, String what, Map<String, String> before, Map<String, String> after) {
    TreeSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      String old = before.get(name);
      String now = after.get(name);
      if (old == null) {
        changes.add(what + " " + name + " added");
      } else if (now == null) {
        changes.add(what + " " + name + " removed");
      } else if (!old.equals(now)) {
        changes.add(what + " " + name + " changed");
      }
    }
  }

  private static Map<String, String> upstreams(Loaded loaded) {
    return loaded.upstreams().values().stream()
        .collect(Collectors.toMap(u -> u.value().name(), Shared::identity));
  }

  private static Map<String, String> middleware(Loaded loaded) {
    return loaded.middleware().values().stream()
        .collect(Collectors.toMap(m -> m.value().name(), Shared::identity, (a, b) -> a + b));
  }

  private static Map<String, String> listeners(Loaded loaded) {
    return loaded.config().listeners().values().stream()
        .collect(Collectors.toMap(ListenerConfig::name, ListenerConfig::canonical));
  }

  private static Map<String, String> routes(Loaded loaded) {
    return loaded.config().routes().stream()
        .collect(
            Collectors.toMap(
                route -> route.name(), route -> route.section().canonical(), (a, b) -> a + b));
  }
}
