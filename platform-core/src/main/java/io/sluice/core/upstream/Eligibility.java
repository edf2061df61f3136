package io.sluice.core.upstream;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.PickRequest;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.observe.PluginFailures;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who of an upstream's endpoints may be picked. Worked out anew whenever something changed, and in
 * steps while weights grow; never on an event loop. Published as one immutable value that every
 * event loop picks from.
 */
final class Eligibility {

  private static final Logger log = LoggerFactory.getLogger(Eligibility.class);

  /** How often the balancer is asked before it is overruled. */
  private static final int PICKS = 3;

  /** Ten times in a slow start of half a minute. */
  private static final int STEPS_A_PICKER = 5;

  /** A sum of shares that is 1 but for rounding. */
  private static final double ALL = 1 - 1e-9;

  private static final Candidates NOBODY = new Candidates(new Group[0], 0, false);

  /**
   * A group with what picks from it.
   *
   * @param upTo the sum of the shares of the groups up to this one
   * @param picker null where the group has no share of its own
   */
  private record Group(
      EndpointState[] endpoints, double upTo, LoadBalancer.@Nullable Picker picker) {}

  private record Candidates(Group[] groups, int eligible, boolean panic) {}

  private final String upstream;
  private final SelectionConfig config;
  private final LoadBalancer balancer;
  private final PluginFailures failures;
  private final LongSupplier ticker;
  private final LongConsumer againAfter;
  private final @Nullable Sticky sticky;
  private volatile Candidates candidates = NOBODY;
  private boolean stepDue;
  private int steps;

  /**
   * Nobody may be picked yet.
   *
   * @param failures what the balancer throws
   * @param ticker nanoseconds
   * @param againAfter has {@link #update} called in so many nanoseconds
   */
  Eligibility(
      UpstreamConfig config,
      LoadBalancer balancer,
      PluginFailures failures,
      LongSupplier ticker,
      LongConsumer againAfter) {
    this.upstream = config.name();
    this.config = config.selection();
    this.balancer = balancer;
    this.failures = failures;
    this.ticker = ticker;
    this.againAfter = againAfter;
    StickyConfig stickyConfig = config.sticky();
    this.sticky = stickyConfig == null ? null : new Sticky(config.name(), stickyConfig);
  }

  /** What brings clients back, or null. */
  @Nullable Sticky sticky() {
    return sticky;
  }

  /** Works out anew who may be picked; one caller at a time. */
  void update(List<EndpointState> all) {
    boolean growing = grow(all);
    Selection selection = Selection.of(all, config);
    report(selection, all);
    List<Group> groups = new ArrayList<>();
    int eligible = 0;
    double upTo = 0;
    for (Selection.Group group : selection.groups()) {
      upTo += group.share();
      groups.add(group(group, upTo));
      eligible += group.endpoints().size();
    }
    candidates = new Candidates(groups.toArray(new Group[0]), eligible, selection.panic());
    if (sticky != null) {
      sticky.update(welcomeBack(selection, all));
    }
    stepLater(growing);
  }

  private void stepLater(boolean growing) {
    if (growing && !stepDue && config.slowStart() != null) {
      stepDue = true;
      againAfter.accept(config.slowStart().stepNanos());
    }
  }

  /**
   * Endpoints that clients may come back to: those that serve, others of the levels that serve, and
   * there also those that an operator drains.
   */
  private static List<EndpointState> welcomeBack(Selection selection, List<EndpointState> all) {
    Set<EndpointState> welcome = new LinkedHashSet<>();
    Set<Integer> levels = new HashSet<>();
    for (Selection.Group group : selection.groups()) {
      if (group.share() > 0) {
        welcome.addAll(group.endpoints());
        group.endpoints().forEach(endpoint -> levels.add(endpoint.priority()));
      }
    }
    for (EndpointState endpoint : all) {
      boolean level = levels.isEmpty() || levels.contains(endpoint.priority());
      if (level && endpoint.mayBeReturnedTo()) {
        welcome.add(endpoint);
      }
    }
    return List.copyOf(welcome);
  }

  /**
   * The time that was asked for is over: lets weights grow. New pickers are made in some of the
   * steps only, for balancers that read weights when they make one: it costs others the turns that
   * they keep in it.
   */
  void step(List<EndpointState> all) {
    stepDue = false;
    steps++;
    boolean growing = grow(all);
    if (growing && steps % STEPS_A_PICKER != 0) {
      stepLater(true);
    } else {
      update(all);
    }
  }

  private Group group(Selection.Group group, double upTo) {
    return new Group(
        group.endpoints().toArray(new EndpointState[0]),
        upTo,
        group.share() > 0 ? picker(group.endpoints()) : null);
  }

  /**
   * Lets weights grow. The one that has grown most counts in full: only ratios matter, and those
   * that begin together serve as if nothing were.
   *
   * @return whether any will grow further
   */
  private boolean grow(List<EndpointState> all) {
    long now = ticker.getAsLong();
    double[] growth = new double[all.size()];
    double most = 0;
    boolean growing = false;
    for (int i = 0; i < growth.length; i++) {
      growth[i] = all.get(i).growth(config.slowStart(), now);
      most = Math.max(most, growth[i]);
      growing |= growth[i] > 0 && growth[i] < 1;
    }
    for (int i = 0; i < growth.length; i++) {
      all.get(i).grown(growth[i] == 0 ? 1 : growth[i] / most);
    }
    return growing;
  }

  private void report(Selection selection, List<EndpointState> all) {
    if (selection.panic() == candidates.panic) {
      return;
    }
    if (selection.panic()) {
      log.warn(
          "{} of {} endpoints of {} are eligible, fewer than its panic-threshold: all of them"
              + " serve",
          all.stream().filter(EndpointState::eligible).count(),
          all.size(),
          upstream);
    } else {
      log.info("enough endpoints of {} are eligible again: only those serve", upstream);
    }
  }

  /** A balancer that cannot make one fails what would have been picked, not those who call. */
  private LoadBalancer.Picker picker(List<EndpointState> endpoints) {
    try {
      return Objects.requireNonNull(balancer.picker(List.copyOf(endpoints)), "no picker was made");
    } catch (Throwable e) {
      failures.record("picker", e);
      return request -> {
        throw new IllegalStateException("the balancer made no picker", e);
      };
    }
  }

  /** How many may be picked. */
  int count() {
    return candidates.eligible;
  }

  /** Whether endpoints serve that are not eligible, because too few are. */
  boolean panic() {
    return candidates.panic;
  }

  /** The endpoint for an attempt: see {@link Upstream#pick}. */
  @Nullable EndpointState pick(PickRequest request) {
    EndpointState before = before(request);
    if (before != null) {
      return before;
    }
    Group[] groups = candidates.groups;
    if (groups.length == 0) {
      return null;
    }
    int chosen = groups[0].upTo >= ALL ? 0 : byShare(groups);
    LoadBalancer.Picker picker = groups[chosen].picker;
    EndpointState picked = groups[chosen].endpoints[0];
    for (int i = 0; i < PICKS && picker != null; i++) {
      picked = pick(picker, request);
      if (!request.excluded(picked)) {
        return picked;
      }
    }
    EndpointState other = anyOf(groups[chosen], request);
    for (int i = 0; i < groups.length && other == null; i++) {
      other = i == chosen ? null : anyOf(groups[i], request);
    }
    return other == null ? picked : other;
  }

  private EndpointState pick(LoadBalancer.Picker picker, PickRequest request) {
    try {
      return (EndpointState) Objects.requireNonNull(picker.pick(request), "nothing was picked");
    } catch (Throwable e) {
      failures.record("pick", e);
      throw new ProxyError(ErrorKind.INTERNAL_ERROR, true, "", e);
    }
  }

  /** The endpoint that the client was at, unless this attempt may not go there. */
  private @Nullable EndpointState before(PickRequest request) {
    if (sticky == null || !(request.request() instanceof ParsedRequest head)) {
      return null;
    }
    EndpointState endpoint = sticky.find(head.headers());
    return endpoint == null || request.excluded(endpoint) ? null : endpoint;
  }

  private static int byShare(Group[] groups) {
    double mark = ThreadLocalRandom.current().nextDouble();
    for (int i = 0; i < groups.length; i++) {
      if (mark < groups[i].upTo && groups[i].picker != null) {
        return i;
      }
    }
    return 0; // the shares sum up to a little less than 1, by rounding
  }

  private static @Nullable EndpointState anyOf(Group group, PickRequest request) {
    EndpointState[] endpoints = group.endpoints;
    int start = ThreadLocalRandom.current().nextInt(endpoints.length);
    for (int i = 0; i < endpoints.length; i++) {
      EndpointState endpoint = endpoints[(start + i) % endpoints.length];
      if (!request.excluded(endpoint)) {
        return endpoint;
      }
    }
    return null;
  }
}
