package io.sluice.core.route;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node of a tree of path segments. Each list of candidates is in the order of the configuration.
 * Immutable.
 */
final class PathNode {

  /** Those that take the node's path and all below it. */
  final Candidate[] within;

  /** Those that take what is below it. */
  final Candidate[] below;

  /** Those that take the node's path alone. */
  final Candidate[] exact;

  /** The lowest index in the tree below, this node included. */
  final int first;

  /** Open addressing; the length is a power of two and at least twice the number of children. */
  private final @Nullable String[] segments;

  private final @Nullable PathNode[] children;

  private PathNode(Builder builder) {
    this.within = builder.within.toArray(new Candidate[0]);
    this.below = builder.below.toArray(new Candidate[0]);
    this.exact = builder.exact.toArray(new Candidate[0]);
    int count = builder.children.size();
    int slots = count == 0 ? 0 : Integer.highestOneBit(count) * 4;
    this.segments = new String[slots];
    this.children = new PathNode[slots];
    int lowest = Math.min(lowest(within), Math.min(lowest(below), lowest(exact)));
    for (Map.Entry<String, Builder> entry : builder.children.entrySet()) {
      PathNode child = new PathNode(entry.getValue());
      String segment = entry.getKey();
      int slot = hash(segment, 0, segment.length()) & (slots - 1);
      while (segments[slot] != null) {
        slot = (slot + 1) & (slots - 1);
      }
      segments[slot] = segment;
      children[slot] = child;
      lowest = Math.min(lowest, child.first);
    }
    this.first = lowest;
  }

  private static int lowest(Candidate[] candidates) {
    return candidates.length == 0 ? Integer.MAX_VALUE : candidates[0].index;
  }

  /** The child for the segment of {@code path} from {@code from} to {@code end}, or null. */
  @Nullable PathNode child(String path, int from, int end) {
    String[] table = segments;
    if (table.length == 0) {
      return null;
    }
    int length = end - from;
    int slot = hash(path, from, end) & (table.length - 1);
    String segment = table[slot];
    while (segment != null) {
      if (segment.length() == length && path.startsWith(segment, from)) {
        return children[slot];
      }
      slot = (slot + 1) & (table.length - 1);
      segment = table[slot];
    }
    return null;
  }

  private static int hash(String path, int from, int end) {
    int hash = 0;
    for (int i = from; i < end; i++) {
      hash = 31 * hash + path.charAt(i);
    }
    return HostIndex.spread(hash);
  }

  /** Collects the candidates of a tree. */
  static final class Builder {

    private final List<Candidate> within = new ArrayList<>();
    private final List<Candidate> below = new ArrayList<>();
    private final List<Candidate> exact = new ArrayList<>();
    private final Map<String, Builder> children = new HashMap<>();

    /** Adds a route under each of its paths. Called in the order of the configuration. */
    void add(Route route) {
      PathCondition path = route.config().match().path();
      if (path == null) {
        add(within, new Candidate(route, false));
        return;
      }
      for (PathPattern pattern : path.patterns()) {
        add(route, pattern);
      }
    }

    private void add(Route route, PathPattern pattern) {
      if (pattern instanceof PathPattern.Exact whole) {
        add(descend(whole.path()).exact, new Candidate(route, false));
      } else if (pattern instanceof PathPattern.Prefix prefix) {
        Builder node = descend(prefix.node());
        add(prefix.slashEnds() ? node.below : node.within, new Candidate(route, false));
      } else if (pattern instanceof PathPattern.Regex regex) {
        String front = regex.below();
        Builder node = front.isEmpty() ? this : descend(front.substring(0, front.length() - 1));
        add(front.isEmpty() ? within : node.below, new Candidate(route, true));
      }
    }

    /** Adds at the end, unless nothing would ever come so far. */
    private static void add(List<Candidate> candidates, Candidate candidate) {
      if (!candidates.isEmpty()) {
        Candidate last = candidates.get(candidates.size() - 1);
        if (last.takesAll() || last.route == candidate.route) {
          return;
        }
      }
      candidates.add(candidate);
    }

    /** The node for {@code path}, which is empty or begins with a slash. */
    private Builder descend(String path) {
      Builder node = this;
      int at = 0;
      while (at < path.length()) {
        int slash = path.indexOf('/', at + 1);
        int end = slash < 0 ? path.length() : slash;
        String segment = path.substring(at + 1, end);
        node = node.children.computeIfAbsent(segment, unused -> new Builder());
        at = end;
      }
      return node;
    }

    PathNode build() {
      return new PathNode(this);
    }
  }
}
