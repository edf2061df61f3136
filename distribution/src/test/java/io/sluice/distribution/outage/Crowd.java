package io.sluice.distribution.outage;

import static org.awaitility.Awaitility.await;

import io.sluice.distribution.Wire;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients with a keep-alive connection each that ask for one target again and again, at a bounded
 * rate, and count what they get. One that is answered badly or cut off goes on with a new
 * connection.
 */
final class Crowd implements AutoCloseable {

  private final int port;
  private final String target;
  private final long pauseNanos;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<String, LongAdder> answers = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> sources = new ConcurrentHashMap<>();
  private final AtomicLong slowestNanos = new AtomicLong();
  private final long startNanos = System.nanoTime();
  private final AtomicLongArray begun;
  private final AtomicLongArray ended;
  private volatile boolean stopped;

  private Crowd(int port, String target, int clients, double perSecond) {
    this.port = port;
    this.target = target;
    this.pauseNanos = (long) (TimeUnit.SECONDS.toNanos(1) * clients / perSecond);
    this.begun = new AtomicLongArray(clients);
    this.ended = new AtomicLongArray(clients);
  }

  /** Starts {@code clients} that together ask {@code perSecond} times a second at most. */
  static Crowd start(int port, String target, int clients, double perSecond) {
    Crowd crowd = new Crowd(port, target, clients, perSecond);
    for (int i = 0; i < clients; i++) {
      int self = i;
      Thread thread = new Thread(() -> crowd.ask(self), "crowd-" + i);
      thread.setDaemon(true);
      crowd.threads.add(thread);
      thread.start();
    }
    return crowd;
  }

  private void ask(int self) {
    while (!stopped) {
      try (Caller caller = new Caller(port)) {
        askOn(caller, self);
      } catch (IOException e) {
        count(answers, "broken");
        ended.incrementAndGet(self);
        LockSupport.parkNanos(pauseNanos);
      }
    }
  }

  private void askOn(Caller caller, int self) throws IOException {
    boolean keptAlive = true;
    while (!stopped && keptAlive) {
      begun.incrementAndGet(self);
      caller.send("GET", target, "crowd", new byte[0]);
      Wire.Message answer = caller.head();
      caller.content(Long.MAX_VALUE);
      slowestNanos.accumulateAndGet(caller.took().toNanos(), Math::max);
      count(answers, caller.whole() ? String.valueOf(answer.status()) : "cut");
      String from = answer.header("X-Endpoint");
      count(sources, from == null ? "sluice" : from);
      ended.incrementAndGet(self);
      keptAlive = caller.whole() && !answer.closes();
      LockSupport.parkNanos(pauseNanos);
    }
  }

  private static void count(Map<String, LongAdder> what, String key) {
    what.computeIfAbsent(key, unused -> new LongAdder()).increment();
  }

  /** How many answers of each kind came: statuses, {@code cut} and {@code broken}. */
  Map<String, Long> answers() {
    return snapshot(answers);
  }

  /** How many answers came from each endpoint, and from {@code sluice} itself. */
  Map<String, Long> sources() {
    return snapshot(sources);
  }

  private static Map<String, Long> snapshot(Map<String, LongAdder> counts) {
    Map<String, Long> now = new TreeMap<>();
    counts.forEach((key, count) -> now.put(key, count.sum()));
    return now;
  }

  long answered() {
    return answers.values().stream().mapToLong(LongAdder::sum).sum();
  }

  /** The longest that anybody waited for an answer. */
  Duration slowest() {
    return Duration.ofNanos(slowestNanos.get());
  }

  /** Since it started. */
  Duration age() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /**
   * Who gave the next {@code more} answers to requests that began after this call, and how many of
   * them.
   */
  Map<String, Long> sourcesOfTheNext(long more) {
    awaitRound();
    Map<String, Long> before = sources();
    awaitMore(more);
    Map<String, Long> news = sources();
    news.replaceAll((source, count) -> count - before.getOrDefault(source, 0L));
    news.values().removeIf(count -> count == 0);
    return news;
  }

  /** Everything but 200. */
  long failures() {
    return answers.entrySet().stream()
        .filter(answer -> !answer.getKey().equals("200"))
        .mapToLong(answer -> answer.getValue().sum())
        .sum();
  }

  /** Waits for so many more answers. */
  void awaitMore(long more) {
    long until = answered() + more;
    await(more + " more answers").atMost(Duration.ofSeconds(90)).until(() -> answered() >= until);
  }

  /** Waits until every client has had the answer to a request that it began after this call. */
  void awaitRound() {
    long[] before = new long[begun.length()];
    for (int i = 0; i < before.length; i++) {
      before[i] = begun.get(i);
    }
    await("an answer for everyone")
        .atMost(Duration.ofSeconds(90))
        .until(
            () -> {
              for (int i = 0; i < before.length; i++) {
                if (ended.get(i) <= before[i]) {
                  return false;
                }
              }
              return true;
            });
  }

  /** Lets every client have its answer. */
  void stop() {
    stopped = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
      try {
        thread.join(Caller.PATIENCE.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  @Override
  public void close() {
    stop();
  }
}
