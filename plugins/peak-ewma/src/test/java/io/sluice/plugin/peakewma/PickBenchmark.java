package io.sluice.plugin.peakewma;

import io.sluice.api.http.RequestHead;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.api.upstream.PickRequest;
import io.sluice.plugin.consistenthash.MaglevFactory;
import io.sluice.plugin.consistenthash.RingHashFactory;
import io.sluice.plugin.leastrequest.LeastRequestFactory;
import io.sluice.plugin.random.RandomFactory;
import io.sluice.plugin.roundrobin.RoundRobinFactory;
import io.sluice.plugin.testkit.FakeAttempt;
import io.sluice.plugin.testkit.FakeEndpoint;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.PluginTester;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a pick costs on one thread. Every endpoint has two or three requests in flight, so that the
 * bound of the hashing balancers has to be worked out; their key is the address of one of 64
 * clients.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PickBenchmark {

  private static final int CLIENTS = 64;

  /** How many may be picked. */
  @Param({"3", "10", "100"})
  public int endpoints = 3;

  /** Who picks. */
  @Param({"round-robin", "random", "least-request", "peak-ewma", "ring-hash", "maglev"})
  public String balancer = "round-robin";

  private final Pick[] picks = new Pick[CLIENTS];
  private LoadBalancer.@Nullable Picker picker;
  private int next;

  /** Makes the balancer and lets it see an answer of each endpoint. */
  @Setup
  public void prepare() {
    LoadBalancer made = make();
    List<FakeEndpoint> all = FakeEndpoint.several(endpoints);
    picker = made.picker(List.copyOf(all));
    for (int i = 0; i < endpoints; i++) {
      FakeEndpoint endpoint = all.get(i);
      endpoint.activeRequests(2 + i % 2);
      made.onAttemptEnd(endpoint, FakeAttempt.answered(200).after(Duration.ofMillis(50 + i % 7)));
    }
    for (int i = 0; i < CLIENTS; i++) {
      picks[i] = new Pick("203.0.113." + i);
    }
  }

  private LoadBalancer make() {
    return switch (balancer) {
      case "round-robin" -> made(new RoundRobinFactory());
      case "random" -> made(new RandomFactory());
      case "least-request" -> made(new LeastRequestFactory());
      case "ring-hash" -> made(new RingHashFactory());
      case "maglev" -> made(new MaglevFactory());
      default ->
          // By hand, for a clock that runs.
          new PeakEwmaBalancer(
              new PeakEwmaConfig(Duration.ofSeconds(10), 4),
              new FakePluginContext().endpointSlot(Estimate.class),
              System::nanoTime,
              ThreadLocalRandom::current);
    };
  }

  private static LoadBalancer made(LoadBalancerFactory factory) {
    return PluginTester.of(factory).create("").instance();
  }

  /** One pick. */
  @Benchmark
  public Endpoint pick() {
    LoadBalancer.Picker now = picker;
    if (now == null) {
      throw new IllegalStateException("not prepared");
    }
    next = (next + 1) & (CLIENTS - 1);
    return now.pick(picks[next]);
  }

  private record Pick(String clientIp) implements PickRequest {
    @Override
    public @Nullable RequestHead request() {
      return null;
    }

    @Override
    public int earlierAttempts() {
      return 0;
    }

    @Override
    public boolean excluded(Endpoint endpoint) {
      return false;
    }
  }
}
