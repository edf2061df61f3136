package io.sluice.plugin.peakewma;

import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancer.Picker;
import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.plugin.testkit.FakeAttempt;
import io.sluice.plugin.testkit.FakeEndpoint;
import io.sluice.plugin.testkit.FakePick;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.PluginTester;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Requests that come at random to endpoints with a few workers each and a queue before them; the
 * balancer is the real one and so is its feedback. Time is simulated. Every request makes one
 * attempt: no retries, no ejection, no health checks. Arrivals and service times have fixed seeds,
 * so every balancer meets the same requests.
 */
final class Simulation {

  /** How an endpoint behaves. */
  enum Behaviour {
    /** Takes 50 ms on average, exponentially spread. */
    HEALTHY,
    /** Takes ten times as long. */
    SLOW,
    /** Answers 500 after 1 ms. */
    FAILING
  }

  private static final double MEAN_SECONDS = 0.05;
  private static final int WORKERS = 32;

  private record Request(double arrived, Server server, boolean fails) {}

  private record Event(double at, Request request) {}

  private static final class Server {
    private final FakeEndpoint endpoint;
    private final Deque<Request> queue = new ArrayDeque<>();
    private Behaviour behaviour = Behaviour.HEALTHY;
    private int busy;
    private int taken;

    Server(FakeEndpoint endpoint) {
      this.endpoint = endpoint;
    }
  }

  private final FakePluginContext context = new FakePluginContext();
  private final LoadBalancer balancer;
  private final List<Server> servers = new ArrayList<>();
  private final Picker picker;
  private final Random arrivals = new Random(42);
  private final Random services = new Random(43);
  private final PriorityQueue<Event> ends =
      new PriorityQueue<>((one, other) -> Double.compare(one.at, other.at));
  private final List<Double> latencies = new ArrayList<>();
  private double now;
  private int requests;
  private int failures;

  Simulation(LoadBalancerFactory factory, int endpoints) {
    balancer = PluginTester.of(factory).with(context).create("").instance();
    List<FakeEndpoint> all = FakeEndpoint.several(endpoints);
    all.forEach(endpoint -> servers.add(new Server(endpoint)));
    picker = balancer.picker(List.copyOf(all));
  }

  /** From now on the first endpoint behaves so. */
  Simulation first(Behaviour behaviour) {
    servers.get(0).behaviour = behaviour;
    return this;
  }

  /** Forgets what was counted. */
  Simulation afresh() {
    latencies.clear();
    requests = 0;
    failures = 0;
    servers.forEach(server -> server.taken = 0);
    return this;
  }

  /** Lets requests come for a time. */
  Simulation run(double perSecond, double seconds) {
    double end = now + seconds;
    double next = now + exponential(arrivals, 1 / perSecond);
    while (next < end) {
      endUntil(next);
      passTo(next);
      arrive();
      next += exponential(arrivals, 1 / perSecond);
    }
    endUntil(end);
    passTo(end);
    return this;
  }

  private void endUntil(double time) {
    while (!ends.isEmpty() && ends.peek().at <= time) {
      Event event = ends.remove();
      passTo(event.at);
      end(event.request);
    }
  }

  private void passTo(double time) {
    context.advance(Duration.ofNanos(Math.max(0, Math.round((time - now) * 1e9))));
    now = time;
  }

  private void arrive() {
    FakeEndpoint picked = (FakeEndpoint) picker.pick(FakePick.first());
    Server server =
        servers.stream().filter(one -> one.endpoint == picked).findFirst().orElseThrow();
    picked.activeRequests(picked.activeRequests() + 1);
    balancer.onAttemptStart(picked);
    requests++;
    server.taken++;
    Request request = new Request(now, server, server.behaviour == Behaviour.FAILING);
    if (server.busy < WORKERS) {
      serve(request);
    } else {
      server.queue.add(request);
    }
  }

  private void serve(Request request) {
    Server server = request.server;
    server.busy++;
    double takes =
        switch (server.behaviour) {
          case HEALTHY -> exponential(services, MEAN_SECONDS);
          case SLOW -> exponential(services, 10 * MEAN_SECONDS);
          case FAILING -> 0.001;
        };
    ends.add(new Event(now + takes, request));
  }

  private void end(Request request) {
    Server server = request.server;
    double took = now - request.arrived;
    if (request.fails) {
      failures++;
    } else {
      latencies.add(took);
    }
    server.busy--;
    server.endpoint.activeRequests(server.endpoint.activeRequests() - 1);
    AttemptOutcome outcome =
        FakeAttempt.answered(request.fails ? 500 : 200)
            .after(Duration.ofNanos(Math.round(took * 1e9)));
    balancer.onAttemptEnd(server.endpoint, outcome);
    if (!server.queue.isEmpty()) {
      serve(server.queue.remove());
    }
  }

  private static double exponential(Random random, double mean) {
    return -mean * Math.log(1 - random.nextDouble());
  }

  /** Milliseconds under which that share of the successful requests stayed. */
  double percentile(double share) {
    double[] sorted = latencies.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return 1e3 * sorted[(int) Math.min(sorted.length - 1, share * sorted.length)];
  }

  double meanMillis() {
    return 1e3 * latencies.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }

  /** The share of the requests that failed. */
  double failed() {
    return (double) failures / requests;
  }

  int failures() {
    return failures;
  }

  /** The share of the requests that the first endpoint got. */
  double toFirst() {
    return (double) servers.get(0).taken / requests;
  }

  /** The largest share over the mean share. */
  double maxToMean() {
    int most = Arrays.stream(servers.stream().mapToInt(one -> one.taken).toArray()).max().orElse(0);
    return (double) most * servers.size() / requests;
  }
}
