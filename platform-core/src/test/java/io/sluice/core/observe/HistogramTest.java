package io.sluice.core.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistogramTest {

  @Test
  void findsTheSameBucketAsAScanOfTheBounds() {
    Random random = new Random(7);
    for (Buckets buckets : List.of(Buckets.LATENCY, Buckets.PROCESSING, new Buckets(8, 9, 10))) {
      double[] upper = buckets.upperSeconds();
      for (int i = 0; i < upper.length - 1; i++) {
        long bound = Math.round(upper[i] * 1e9);
        assertThat(buckets.indexOf(bound)).as("%d", bound).isEqualTo(i);
        assertThat(buckets.indexOf(bound + 1)).as("%d", bound + 1).isEqualTo(i + 1);
      }
      for (int i = 0; i < 100_000; i++) {
        long nanos = random.nextLong() >>> (1 + random.nextInt(63));
        assertThat(buckets.indexOf(nanos)).as("%d", nanos).isEqualTo(scan(upper, nanos));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 3, 4, 7})
  void putsTheSmallestTimesInTheFirstBucket(long nanos) {
    assertThat(Buckets.LATENCY.indexOf(nanos)).isZero();
  }

  @Test
  void putsTheLongestTimesInTheUnboundedBucket() {
    assertThat(Buckets.LATENCY.indexOf(Long.MAX_VALUE)).isEqualTo(Buckets.LATENCY.count() - 1);
    assertThat(Buckets.LATENCY.indexOf(60_000_000_001L)).isEqualTo(Buckets.LATENCY.count() - 1);
  }

  @Test
  void refusesBoundsThatDoNotRise() {
    assertThatThrownBy(() -> new Buckets(10, 10)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Buckets(7)).isInstanceOf(IllegalArgumentException.class);
  }

  /** Event loops write to cells of their own, other threads to shared ones. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void losesNothingWhenManyThreadsRecord(boolean loops) throws InterruptedException {
    Histogram histogram = new Histogram(Buckets.LATENCY);
    Counter counter = new Counter();
    int threads = 8;
    int each = 100_000;
    ThreadFactory factory = loops ? new DefaultThreadFactory("recording") : Thread::new;
    for (int round = 0; round < 3; round++) {
      record(factory, threads, each, histogram, counter);
    }

    long total = 3L * threads * each;
    assertThat(histogram.getCount()).isEqualTo(total);
    assertThat(counter.getCount()).isEqualTo(total);
    assertThat(histogram.sumSeconds()).isCloseTo(total * 0.0015, within(1e-6));
    assertThat(histogram.counts()[0]).isEqualTo(total / 4);
    assertThat(histogram.counts()[3]).isEqualTo(total / 4);
  }

  private static void record(
      ThreadFactory factory, int threads, int each, Histogram histogram, Counter counter)
      throws InterruptedException {
    List<Thread> running =
        IntStream.range(0, threads)
            .mapToObj(
                i ->
                    factory.newThread(
                        () -> {
                          for (int n = 0; n < each; n++) {
                            histogram.record(1_000_000L * (n % 4));
                            counter.increment();
                          }
                        }))
            .toList();
    running.forEach(Thread::start);
    for (Thread thread : running) {
      thread.join();
    }
  }

  @Test
  void givesEachLoopANumberOfItsOwnWhileThereAreAny() throws Exception {
    EventExecutorGroup loops = new DefaultEventExecutorGroup(3);
    List<Integer> numbers = new ArrayList<>();
    for (EventExecutor loop : loops) {
      numbers.add(loop.submit(CellOwner::current).get());
    }
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).get();

    assertThat(CellOwner.current()).isEqualTo(CellOwner.SHARED);
    assertThat(numbers).hasSize(3).allMatch(number -> number < CellOwner.NUMBERS);
    assertThat(numbers.stream().filter(number -> number != CellOwner.SHARED))
        .doesNotHaveDuplicates();
  }

  @Test
  void countsNegativeTimesAsNone() {
    Histogram histogram = new Histogram(Buckets.LATENCY);
    histogram.record(-5);

    assertThat(histogram.getCount()).isEqualTo(1);
    assertThat(histogram.sumSeconds()).isZero();
  }

  @Test
  void keepsItsSumWhenAStripeWouldOverflow() {
    Histogram histogram = new Histogram(Buckets.LATENCY);
    double huge = (double) (1L << 61);
    for (int i = 0; i < 12; i++) {
      histogram.record(1L << 61);
      assertThat(histogram.sumSeconds()).isCloseTo(huge * (i + 1) / 1e9, within(1.0));
    }
  }

  @Test
  void estimatesQuantilesInsideABucket() {
    Histogram histogram = new Histogram(Buckets.LATENCY);
    assertThat(histogram.quantileSeconds(0.5)).isNaN();
    for (int i = 0; i < 100; i++) {
      histogram.record(i < 90 ? 800_000 : 4_000_000_000L);
    }

    assertThat(histogram.quantileSeconds(0.5)).isBetween(0.0005, 0.001);
    assertThat(histogram.quantileSeconds(0.99)).isBetween(2.5, 5.0);
    histogram.record(Long.MAX_VALUE / 4);
    assertThat(histogram.quantileSeconds(1)).isEqualTo(60.0);
  }

  private static int scan(double[] upperSeconds, long nanos) {
    for (int i = 0; i < upperSeconds.length - 1; i++) {
      if (nanos <= Math.round(upperSeconds[i] * 1e9)) {
        return i;
      }
    }
    return upperSeconds.length - 1;
  }
}
