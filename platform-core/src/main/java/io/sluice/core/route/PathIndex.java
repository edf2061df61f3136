package io.sluice.core.route;

import io.sluice.api.http.RequestHead;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The routes of one host, as a tree of path segments. Immutable; matching allocates nothing. */
final class PathIndex {

  private final PathNode root;

  PathIndex(PathNode root) {
    this.root = root;
  }

  /** The first route that takes the request, or {@code best} when none before it does. */
  @Nullable Route match(RequestHead head, MatchInput input, @Nullable Route best) {
    String path = head.path();
    int end = path.length();
    int at = 0;
    Route found = best;
    PathNode node = root;
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

  /** Collects every candidate on the way to {@code path}, which may be empty. */
  void collect(String path, List<Candidate> found) {
    PathNode node = root;
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
}
