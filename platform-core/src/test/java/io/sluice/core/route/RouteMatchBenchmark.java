package io.sluice.core.route;

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
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What a match costs as the table grows: half of the routes by host and prefix, half by prefix
 * alone, a default at the end. Sixteen different requests, spread over the table.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RouteMatchBenchmark {

  private static final int REQUESTS = 16;

  /** How many routes there are. */
  @Param({"10", "1000", "10000"})
  public int routes;

  private RouteTable table = Tables.of("");
  private TestRequest[] requests = new TestRequest[0];
  private int next;

  /** Builds the table and the requests. */
  @Setup
  public void build() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < routes - 1; i++) {
      String host = i % 2 == 0 ? "host = \"h%05d.example.com\", ".formatted(i) : "";
      text.append(
          "{ match { %spath-prefix = \"/api/s%05d\" }, upstream = u }\n".formatted(host, i));
    }
    table = Tables.of(text.append("{ upstream = u }").toString());
    requests = new TestRequest[REQUESTS];
    for (int i = 0; i < REQUESTS; i++) {
      int route = (int) ((long) i * (routes - 1) / REQUESTS);
      String host = "h%05d.example.com".formatted(route - route % 2);
      requests[i] = TestRequest.get(host, "/api/s%05d/items/%d".formatted(route, i));
    }
  }

  /** One match, the requests in turn. */
  @Benchmark
  public @Nullable Route match() {
    TestRequest request = requests[next++ & (REQUESTS - 1)];
    return table.match(request, request);
  }

  /** Runs the benchmark with the allocation profiler. */
  public static void main(String[] arguments) throws RunnerException {
    new Runner(
            new OptionsBuilder()
                .include(RouteMatchBenchmark.class.getName())
                .addProfiler("gc")
                .build())
        .run();
  }
}
