package io.sluice.core.tunnel;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds what belongs to a server name: the first of the list whose pattern matches, as routes do. A
 * pattern is a name, {@code *.example.com} for one or more labels before it, or {@code *} for every
 * name and for none. Costs one look-up a label. Immutable.
 *
 * @param <T> what is found
 */
final class ServerNames<T> {

  /** A pattern with what belongs to it. */
  record Entry<T>(String pattern, T value) {}

  private static final String ANY = "*";

  private final List<Entry<T>> entries;
  private final Map<String, Integer> places = new HashMap<>();
  private final int any;

  ServerNames(List<Entry<T>> entries) {
    this.entries = List.copyOf(entries);
    for (int i = 0; i < entries.size(); i++) {
      places.putIfAbsent(entries.get(i).pattern(), i);
    }
    any = places.getOrDefault(ANY, entries.size());
  }

  /** What belongs to {@code name}, in lower case; null for a client that sent none. */
  @Nullable T find(@Nullable String name) {
    int place = any;
    if (name != null) {
      place = Math.min(place, places.getOrDefault(name, place));
      for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        place = Math.min(place, places.getOrDefault(ANY + name.substring(dot), place));
      }
    }
    return place < entries.size() ? entries.get(place).value() : null;
  }
}
