package io.sluice.core.config;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Which keys of one block were read, and which were wanted but are not there. */
final class Reads {

  /** Records a problem of a key. */
  interface Report {
    void report(String key, String problem, String hint);
  }

  private final Set<String> present;
  private final Set<String> asked = new LinkedHashSet<>();
  private final Set<String> rest = new LinkedHashSet<>();
  private final Map<String, Problem> missing = new HashMap<>();

  /**
   * @param present the keys that the block has
   */
  Reads(Set<String> present) {
    this.present = present;
  }

  void ask(String key) {
    asked.add(key);
  }

  /** Takes {@code key} for read: its reader says itself what is wrong with it. */
  void excuse(String key) {
    rest.add(key);
  }

  /** Reads the keys that nobody asked for by name; the same ones each time. */
  Set<String> askForRest() {
    present.stream().filter(key -> !asked.contains(key)).forEach(rest::add);
    return Collections.unmodifiableSet(rest);
  }

  /** Reads the keys whatever they are called. */
  void askForAll() {
    rest.addAll(present);
  }

  /** Notes that the absence of {@code key} was recorded as {@code problem}. */
  void missing(String key, Problem problem) {
    missing.put(key, problem);
  }

  /** Records each key that was not read. A misspelt one explains the absence of the one meant. */
  void reportUnread(Source source, Report report) {
    Set<String> absent = new LinkedHashSet<>(asked);
    absent.removeAll(present);
    for (String key : present) {
      if (asked.contains(key) || rest.contains(key)) {
        continue;
      }
      String closest = DidYouMean.closest(key, absent);
      if (closest == null) {
        report.report(key, "unknown key", Suggestions.oneOf(asked));
        continue;
      }
      Problem shadow = missing.get(closest);
      if (shadow != null) {
        source.problems().remove(shadow);
      }
      report.report(key, "unknown key", Problem.didYouMean(closest));
    }
  }
}
