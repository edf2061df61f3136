package io.sluice.core.observe;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to count and to time, on threads of the kind that event loops have. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgsAppend = {
      "-Djmh.executor=CUSTOM",
      "-Djmh.executor.class=io.sluice.core.observe.MeterBenchmark$LoopThreads"
    })
public class MeterBenchmark {

  private final MeterScope scope = new MeterRegistry().scope();
  private final Counter counter = scope.counter(MetricNames.RETRIES);
  private final Histogram histogram = scope.histogram(MetricNames.REQUEST_DURATION);
  private final StatusCounters statuses = new StatusCounters(scope, MetricNames.REQUESTS);

  /** Times to record, spread over the buckets. */
  @State(Scope.Thread)
  public static class Times {
    private long last = 88_172_645_463_325_252L;

    long next() {
      last ^= last << 13;
      last ^= last >>> 7;
      last ^= last << 17;
      return last & 0xfff_ffff;
    }
  }

  /** Makes a time and records nothing: what the next one costs besides. */
  @Benchmark
  public long baseline(Times times) {
    return times.next();
  }

  /** One time. */
  @Benchmark
  public void record(Times times) {
    histogram.record(times.next());
  }

  /** One event. */
  @Benchmark
  public void count() {
    counter.increment();
  }

  /** One event under its status. */
  @Benchmark
  public void countStatus() {
    statuses.increment(200);
  }

  /** JMH's workers as event-loop threads. */
  public static final class LoopThreads extends ThreadPoolExecutor {
    /** JMH calls this by reflection. */
    public LoopThreads(int threads, String prefix) {
      super(
          threads,
          threads,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          new DefaultThreadFactory(prefix));
    }
  }
}
