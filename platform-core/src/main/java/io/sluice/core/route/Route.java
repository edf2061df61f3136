package io.sluice.core.route;

import com.google.re2j.Matcher;
import io.sluice.api.http.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A route of a table. Immutable; usable from any event loop. */
public final class Route {

  private final int index;
  private final RouteConfig config;
  private final Condition[] others;

  Route(int index, RouteConfig config) {
    this.index = index;
    this.config = config;
    this.others = config.match().others().toArray(new Condition[0]);
  }

  /** Its place in the configuration, from 0; also in {@link RouteTable#routes}. */
  public int index() {
    return index;
  }

  /** Its name, unique in the table. */
  public String name() {
    return config.name();
  }

  /** Everything that the configuration says about it. */
  public RouteConfig config() {
    return config;
  }

  /** Where its requests go. */
  public @Nullable Destination destination() {
    return config.destination();
  }

  /** What it changes in the target. */
  public Rewrite rewrite() {
    return config.rewrite();
  }

  /**
   * Which of its upstreams serves a request: an index in {@link WeightedUpstreams#members}.
   *
   * @param random 64 bits, evenly distributed
   * @throws IllegalStateException when it leads to no upstream
   */
  public int pickUpstream(long random) {
    if (config.destination() instanceof WeightedUpstreams upstreams) {
      return upstreams.pick(random);
    }
    throw new IllegalStateException("route " + name() + " leads to no upstream");
  }

  /** {@link Rewrite#path}, with the query behind it. */
  public String target(RequestHead head, String endpointPath) {
    String path = config.rewrite().path(head, endpointPath);
    String query = head.query();
    return query == null ? path : path + '?' + query;
  }

  /**
   * What a named group of the regular expression that matched the path stands for, or null. Matches
   * once more: for the rare template that wants it.
   */
  public @Nullable String group(RequestHead head, String name) {
    PathCondition path = config.match().path();
    PathPattern pattern = path == null ? null : path.matched(head.path());
    if (!(pattern instanceof PathPattern.Regex regex)) {
      return null;
    }
    Matcher matcher = regex.pattern().matcher(head.path());
    return regex.pattern().namedGroups().containsKey(name) && matcher.find()
        ? matcher.group(name)
        : null;
  }

  /** Whether it takes a request whose host and path it takes. */
  boolean takes(RequestHead head, MatchInput input) {
    for (Condition condition : others) {
      if (!condition.test(head, input)) {
        return false;
      }
    }
    return true;
  }

  /** Whether it takes every request whose host and path it takes. */
  boolean unconditional() {
    return others.length == 0;
  }

  /** Why it does not take a request, or null when it does. */
  @Nullable String whyNot(RequestHead head, MatchInput input) {
    List<Condition> all = config.match().all();
    for (Condition condition : all) {
      if (!condition.test(head, input)) {
        return condition.whyNot(head, input);
      }
    }
    return null;
  }

  /** Its name. */
  @Override
  public String toString() {
    return config.name();
  }
}
