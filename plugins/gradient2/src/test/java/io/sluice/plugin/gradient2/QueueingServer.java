package io.sluice.plugin.gradient2;

import io.sluice.api.limit.ConcurrencyLimiter;
import io.sluice.plugin.testkit.FakePluginContext;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * A server of {@code workers} behind a limiter, in virtual time: requests come as a Poisson process
 * whatever happens to those before (open loop), each takes an exponentially distributed time of one
 * worker, and waits in the server's unbounded queue for it. The same seed gives the same run.
 */
final class QueueingServer {

  /** What happened in a stretch of time. */
  record Report(double perSecond, double shedShare, double meanMillis, double p99Millis) {}

  private record Request(double arrived, int inFlight) {}

  private record Departure(double at, Request request) {}

  private final FakePluginContext context;
  private final ConcurrencyLimiter limiter;
  private final Random random = new Random(20260101);
  private final int workers;
  private final PriorityQueue<Departure> working =
      new PriorityQueue<>(Comparator.comparingDouble(Departure::at));
  private final ArrayDeque<Request> waiting = new ArrayDeque<>();
  private double now;
  private double serviceSeconds;

  QueueingServer(
      FakePluginContext context, ConcurrencyLimiter limiter, int workers, double serviceSeconds) {
    this.context = context;
    this.limiter = limiter;
    this.workers = workers;
    this.serviceSeconds = serviceSeconds;
  }

  void serviceSeconds(double seconds) {
    serviceSeconds = seconds;
  }

  private double exponential(double mean) {
    return -mean * Math.log(1 - random.nextDouble());
  }

  private void passTo(double time) {
    context.advance(Duration.ofNanos(Math.max(0, (long) ((time - now) * 1e9))));
    now = time;
  }

  private void work(Request request) {
    working.add(new Departure(now + exponential(serviceSeconds), request));
  }

  /** Lets time pass under a load. */
  Report run(double seconds, double requestsPerSecond) {
    double end = now + seconds;
    double nextArrival = now + exponential(1 / requestsPerSecond);
    List<Double> times = new ArrayList<>();
    int arrived = 0;
    int shed = 0;
    while (true) {
      Departure departure = working.peek();
      double nextDeparture = departure == null ? Double.MAX_VALUE : departure.at;
      double next = Math.min(nextArrival, nextDeparture);
      if (next > end) {
        passTo(end);
        break;
      }
      passTo(next);
      if (departure != null && nextDeparture <= nextArrival) {
        working.remove();
        double took = now - departure.request.arrived;
        times.add(took);
        limiter.onSuccess((long) (took * 1e9), departure.request.inFlight);
        if (!waiting.isEmpty()) {
          work(waiting.remove());
        }
        continue;
      }
      nextArrival = now + exponential(1 / requestsPerSecond);
      arrived++;
      if (!limiter.tryAcquire(0)) {
        shed++;
        continue;
      }
      Request request = new Request(now, limiter.inFlight());
      if (working.size() < workers) {
        work(request);
      } else {
        waiting.add(request);
      }
    }
    Collections.sort(times);
    double mean = times.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    double p99 = times.isEmpty() ? 0 : times.get((int) (times.size() * 0.99));
    return new Report(times.size() / seconds, shed / (double) arrived, mean * 1000, p99 * 1000);
  }
}
