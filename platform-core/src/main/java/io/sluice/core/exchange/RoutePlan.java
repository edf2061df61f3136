package io.sluice.core.exchange;

import io.sluice.core.observe.Histogram;
import io.sluice.core.observe.StatusCounters;
import io.sluice.core.route.Priority;
import io.sluice.core.route.Route;
import io.sluice.core.upstream.Hedging;
import io.sluice.core.upstream.Upstream;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A route with everything it needs to serve, looked up when the configuration loads. Immutable. */
public final class RoutePlan {

  private final Route route;
  private final MiddlewareBinding[][] chains;
  private final boolean[] seesAttempts;
  private final Upstream[] upstreams;

  /** What is only tried because it might help. */
  static final int LEAST_IMPORTANT = Priority.LOW.level();

  private final @Nullable GuardedRetry[] retries;
  private final @Nullable Hedging[] hedgings;
  private final long[] maxReplayBytes;
  private final @Nullable DeadlineField deadlineField;
  private final StatusCounters[][] requests;
  private final RouteMeters meters;
  private final long requestNanos;
  private final long firstByteNanos;
  private final long idleNanos;

  /**
   * The meters of one route.
   *
   * @param duration whole exchanges
   * @param requestProcessing request read to forwarded
   * @param responseProcessing response head read to forwarded
   */
  public record RouteMeters(
      Histogram duration, Histogram requestProcessing, Histogram responseProcessing) {}

  /**
   * How attempts are made at one of the upstreams.
   *
   * @param retry when to try again, or null for never
   * @param hedging when to ask a second endpoint as well, or null for never
   * @param maxReplayBytes octets of request content that are kept for another attempt
   */
  public record Attempting(
      @Nullable GuardedRetry retry, @Nullable Hedging hedging, long maxReplayBytes) {}

  /**
   * A plan.
   *
   * @param chains middleware by listener index, the listener's own first
   * @param upstreams by the index that the route picks; empty where it answers itself
   * @param attempting how attempts are made, by the same index
   * @param requests counters by listener index and upstream index
   */
  public RoutePlan(
      Route route,
      List<List<MiddlewareBinding>> chains,
      List<Upstream> upstreams,
      List<Attempting> attempting,
      StatusCounters[][] requests,
      RouteMeters meters) {
    this.route = route;
    this.chains =
        chains.stream()
            .map(chain -> chain.toArray(new MiddlewareBinding[0]))
            .toArray(MiddlewareBinding[][]::new);
    this.seesAttempts = new boolean[chains.size()];
    for (int i = 0; i < seesAttempts.length; i++) {
      seesAttempts[i] = chains.get(i).stream().anyMatch(MiddlewareBinding::seesAttempts);
    }
    this.upstreams = upstreams.toArray(new Upstream[0]);
    this.retries = attempting.stream().map(Attempting::retry).toArray(GuardedRetry[]::new);
    this.hedgings = attempting.stream().map(Attempting::hedging).toArray(Hedging[]::new);
    this.maxReplayBytes = attempting.stream().mapToLong(Attempting::maxReplayBytes).toArray();
    String field = route.config().timeouts().propagate();
    this.deadlineField = field == null ? null : new DeadlineField(field);
    this.requests = requests;
    this.meters = meters;
    this.requestNanos = nanos(route.config().timeouts().request());
    this.firstByteNanos = nanos(route.config().timeouts().firstByte());
    this.idleNanos = nanos(route.config().timeouts().idle());
  }

  private static long nanos(Duration limit) {
    return limit.compareTo(Duration.ofDays(36_500)) > 0 ? Long.MAX_VALUE : limit.toNanos();
  }

  /** The route. */
  public Route route() {
    return route;
  }

  MiddlewareBinding[] chain(int listener) {
    return chains[listener];
  }

  /** The names of the middleware that a request of that listener passes, in order. */
  public List<String> chainNames(int listener) {
    return java.util.Arrays.stream(chains[listener]).map(MiddlewareBinding::name).toList();
  }

  boolean seesAttempts(int listener) {
    return seesAttempts[listener];
  }

  /** The upstreams, by the index that the route picks. */
  public List<Upstream> upstreams() {
    return List.of(upstreams);
  }

  int pickUpstream(long random) {
    return upstreams.length == 1 ? 0 : route.pickUpstream(random);
  }

  Upstream upstream(int index) {
    return upstreams[index];
  }

  @Nullable GuardedRetry retry(int upstream) {
    return retries[upstream];
  }

  StatusCounters requests(int listener, int upstream) {
    return requests[listener][Math.max(0, upstream)];
  }

  RouteMeters meters() {
    return meters;
  }

  @Nullable Hedging hedging(int upstream) {
    return hedgings[upstream];
  }

  long maxReplayBytes(int upstream) {
    return maxReplayBytes[upstream];
  }

  /** How important its requests are; 0 is most important. */
  int priority() {
    return route.config().priority().level();
  }

  /** Where endpoints are told what is left of the time, or null. */
  @Nullable DeadlineField deadlineField() {
    return deadlineField;
  }

  long requestNanos() {
    return requestNanos;
  }

  long firstByteNanos() {
    return firstByteNanos;
  }

  long idleNanos() {
    return idleNanos;
  }
}
