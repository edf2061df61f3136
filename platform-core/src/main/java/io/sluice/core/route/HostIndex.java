package io.sluice.core.route;

import io.sluice.api.http.RequestHead;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The path trees of all hosts. A host is hashed once, from its end, so that each parent domain is
 * looked up on the way. Immutable; matching allocates nothing.
 */
final class HostIndex {

  /** What is known about a name: routes for the host itself, and for those below it. */
  private record Entry(String name, @Nullable PathNode itself, @Nullable PathNode below) {}

  private final PathNode any;
  private final boolean wildcards;

  /** Open addressing; the length is a power of two, or 0 when no route asks for a host. */
  private final @Nullable Entry[] entries;

  private HostIndex(PathNode any, @Nullable Entry[] entries, boolean wildcards) {
    this.any = any;
    this.entries = entries;
    this.wildcards = wildcards;
  }

  /** The first route that takes the request, or null. */
  @Nullable Route match(RequestHead head, MatchInput input) {
    return any.match(head, input, entries.length == 0 ? null : matchHost(head, input));
  }

  private @Nullable Route matchHost(RequestHead head, MatchInput input) {
    String host = head.host();
    int end = host.length();
    if (end > 1 && host.charAt(end - 1) == '.') {
      end--;
    }
    Route best = null;
    int hash = 0;
    for (int i = end - 1; i >= 0; i--) {
      char c = host.charAt(i);
      if (c == '.' && i > 0 && wildcards) {
        Entry parent = find(host, i + 1, end, hash);
        if (parent != null && parent.below != null) {
          best = parent.below.match(head, input, best);
        }
      }
      hash = 31 * hash + c;
    }
    Entry entry = find(host, 0, end, hash);
    return entry == null || entry.itself == null ? best : entry.itself.match(head, input, best);
  }

  private @Nullable Entry find(String host, int from, int end, int hash) {
    int mask = entries.length - 1;
    int slot = spread(hash) & mask;
    Entry entry = entries[slot];
    while (entry != null) {
      if (entry.name.length() == end - from && host.startsWith(entry.name, from)) {
        return entry;
      }
      slot = (slot + 1) & mask;
      entry = entries[slot];
    }
    return null;
  }

  /** Names that count up have hashes side by side; this keeps their runs from meeting. */
  static int spread(int hash) {
    int mixed = hash * 0x9e3779b9;
    return mixed ^ mixed >>> 16;
  }

  private static int hash(String name) {
    int hash = 0;
    for (int i = name.length() - 1; i >= 0; i--) {
      hash = 31 * hash + name.charAt(i);
    }
    return hash;
  }

  /** Collects every candidate for requests to {@code host}, null for any, at {@code path}. */
  void collect(@Nullable HostPattern host, String path, List<Candidate> found) {
    any.collect(path, found);
    if (host == null || entries.length == 0) {
      return;
    }
    String name = host.name();
    for (int from = 0; from >= 0; from = next(name, from)) {
      Entry entry = find(name, from, name.length(), hash(name.substring(from)));
      if (entry == null) {
        continue;
      }
      if (entry.itself != null && from == 0 && !host.wildcard()) {
        entry.itself.collect(path, found);
      }
      if (entry.below != null && (from > 0 || host.wildcard())) {
        entry.below.collect(path, found);
      }
    }
  }

  /** Where the parent domain begins of the one that begins at {@code from}, or -1. */
  private static int next(String name, int from) {
    int dot = name.indexOf('.', from);
    return dot < 0 ? -1 : dot + 1;
  }

  /** Collects the hosts of a table. */
  static final class Builder {

    private final PathNode.Builder any = new PathNode.Builder();
    private final Map<String, PathNode.Builder> itself = new TreeMap<>();
    private final Map<String, PathNode.Builder> below = new TreeMap<>();

    /** Adds a route under each of its hosts. Called in the order of the configuration. */
    void add(Route route) {
      HostCondition host = route.config().match().host();
      if (host == null) {
        any.add(route);
        return;
      }
      for (HostPattern pattern : host.patterns()) {
        (pattern.wildcard() ? below : itself)
            .computeIfAbsent(pattern.name(), unused -> new PathNode.Builder())
            .add(route);
      }
    }

    HostIndex build() {
      Map<String, Entry> names = new TreeMap<>();
      itself.forEach(
          (name, paths) -> names.put(name, new Entry(name, index(paths), index(below.get(name)))));
      below.forEach(
          (name, paths) -> names.computeIfAbsent(name, n -> new Entry(n, null, index(paths))));
      int slots = names.isEmpty() ? 0 : Integer.highestOneBit(names.size()) * 4;
      @Nullable Entry[] entries = new Entry[slots];
      for (Entry entry : names.values()) {
        int slot = spread(hash(entry.name)) & (slots - 1);
        while (entries[slot] != null) {
          slot = (slot + 1) & (slots - 1);
        }
        entries[slot] = entry;
      }
      return new HostIndex(any.build(), entries, !below.isEmpty());
    }

    private static @Nullable PathNode index(PathNode.@Nullable Builder paths) {
      return paths == null ? null : paths.build();
    }
  }
}
