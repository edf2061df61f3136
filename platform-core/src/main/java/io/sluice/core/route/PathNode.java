package io.sluice.core.route;

import io.sluice.api.http.RequestHead;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node of a tree of path segments, or by its root the tree: the routes of one host. Each list of
 * candidates is in the order of the configuration. Immutable; matching allocates nothing.
 */
final class PathNode {

  // Shared, so that a match touches fewer cache lines.
  private static final Candidate[] NO_CANDIDATES = {};
  private static final @Nullable String[] NO_SEGMENTS = {};
  private static final @Nullable PathNode[] NO_CHILDREN = {};

  /** Those that take the node's path and all below it. */
  private final Candidate[] within;

  /** Those that take what is below it. */
  private final Candidate[] below;

  /** Those that take the node's path alone. */
  private final Candidate[] exact;

  /** The lowest index in the tree below, this node included. */
  private final int first;

  /** Open addressing; the length is a power of two and at least twice the number of children. */
  private final @Nullable String[] segments;

  private final @Nullable PathNode[] children;

  private PathNode(Builder builder) {
    this.within = array(builder.within);
    this.below = array(builder.below);
    this.exact = array(builder.exact);
    int count = builder.children.size();
    int slots = count == 0 ? 0 : Integer.highestOneBit(count) * 4;
    this.segments = slots == 0 ? NO_SEGMENTS : new String[slots];
    this.children = slots == 0 ? NO_CHILDREN : new PathNode[slots];
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

  private static Candidate[] array(List<Candidate> candidates) {
    return candidates.isEmpty() ? NO_CANDIDATES : candidates.toArray(NO_CANDIDATES);
  }

  private static int lowest(Candidate[] candidates) {
    return candidates.length == 0 ? Integer.MAX_VALUE : candidates[0].index;
  }

  /** The child for the segment of {@code path} from {@code from} to {@code end}, or null. */
  private @Nullable PathNode child(String path, int from, int end) {
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

  /**
   * The first route in the tree, this node being its root, that takes the request; {@code best}
   * when none before it does.
   */
  @Nullable Route match(RequestHead head, MatchInput input, @Nullable Route best) {
    String path = head.path();
    int end = path.length();
    int at = 0;
    Route found = best;
    PathNode node = this;
    while (node != null && node.first < limit(found)) {
      found = first(node.within, head, input, found);
      if (at == end) {
        return first(node.exact, head, input, found);
      }
      if (path.charAt(at) != '/') {
        return found;
      }
      found = first(node.below, head, input, found);
      int slash = path.indexOf('/', at + 1);
      int next = slash < 0 ? end : slash;
      node = node.child(path, at + 1, next);
      at = next;
    }
    return found;
  }

  private static @Nullable Route first(
      Candidate[] candidates, RequestHead head, MatchInput input, @Nullable Route best) {
    int limit = limit(best);
    for (Candidate candidate : candidates) {
      if (candidate.index >= limit) {
        return best;
      }
      if (candidate.takes(head, input)) {
        return candidate.route;
      }
    }
    return best;
  }

  private static int limit(@Nullable Route best) {
    return best == null ? Integer.MAX_VALUE : best.index();
  }

  /** Collects every candidate on the way from this root to {@code path}, which may be empty. */
  void collect(String path, List<Candidate> found) {
    PathNode node = this;
    int at = 0;
    while (node != null) {
      Collections.addAll(found, node.within);
      Collections.addAll(found, node.exact);
      Collections.addAll(found, node.below);
      if (at == path.length()) {
        return;
      }
      int slash = path.indexOf('/', at + 1);
      int next = slash < 0 ? path.length() : slash;
      node = node.child(path, at + 1, next);
      at = next;
    }
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
