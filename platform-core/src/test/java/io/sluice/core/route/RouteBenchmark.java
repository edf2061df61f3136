package io.sluice.core.route;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
 * What it costs to find the route of a request among few and many, told apart by path, by host, or
 * by both with a default behind them. Requests cycle through 64 routes spread evenly, the last
 * included.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class RouteBenchmark {

  private static final int REQUESTS = 64;

  /** How many routes there are. */
  @Param({"10", "1000", "10000"})
  public int routes = 10;

  /** What tells them apart. */
  @Param({"path", "host", "both"})
  public String by = "path";

  private final TestRequest[] requests = new TestRequest[REQUESTS];
  private RouteTable table = RouteTable.compile(List.of());
  private int next;

  /** Compiles the table and makes the requests. */
  @Setup
  public void prepare() {
    String text = IntStream.range(0, routes).mapToObj(this::route).collect(Collectors.joining());
    table = Tables.of(text + "{ name = default, upstream = app }");
    for (int i = 0; i < REQUESTS; i++) {
      int route = Math.max(0, (int) ((i + 1L) * routes / REQUESTS) - 1);
      requests[i] =
          TestRequest.get(by.equals("path") ? "a.com" : host(route), path(route) + "item");
      Route found = match(requests[i]);
      if (found == null || !found.name().equals("r" + route)) {
        throw new IllegalStateException(requests[i] + " met " + found);
      }
    }
  }

  /** One request to its route. */
  @Benchmark
  public @Nullable Route match() {
    return match(requests[next++ & (REQUESTS - 1)]);
  }

  private @Nullable Route match(TestRequest request) {
    return table.match(request, request);
  }

  private String route(int index) {
    String host = by.equals("path") ? "" : "host = \"" + host(index) + "\", ";
    String path = by.equals("host") ? "/" : path(index);
    String match = host + "path-prefix = \"" + path + "\"";
    return "{ name = r" + index + ", match { " + match + " }, upstream = app }\n";
  }

  private String host(int index) {
    return "h" + (by.equals("both") ? index % 100 : index) + ".example.com";
  }

  private static String path(int index) {
    return "/r" + index + "/";
  }
}
