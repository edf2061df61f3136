package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.middleware.Resumption;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumptionTest {

  @TempDir Path home;
  private final ExecutorService pool = Executors.newFixedThreadPool(11);

  /** Handed over without a lock, which an event loop may not wait for. */
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  private final Executor threads = tasks::add;
  private final ConcurrentLinkedQueue<Resumption> old = new ConcurrentLinkedQueue<>();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicInteger strayed = new AtomicInteger();
  private Peer peer;
  private Running running;

  /** Suspends on both sides; wakes from ten threads at once, with a step that names its request. */
  private final class Parking implements Middleware {
    @Override
    public Flow onRequest(Exchange exchange) {
      String path = exchange.request().path();
      if (path.equals("/never")) {
        exchange.suspend(Duration.ofMillis(50));
        return Flow.SUSPENDED;
      }
      if (path.equals("/fails")) {
        Resumption resumption = exchange.suspend(Duration.ofSeconds(20));
        threads.execute(() -> resumption.fail(new IllegalStateException("as asked")));
        return Flow.SUSPENDED;
      }
      if (path.equals("/again")) {
        Resumption first = exchange.suspend(Duration.ofSeconds(20));
        threads.execute(() -> first.resume(this::suspendAgain));
        return Flow.SUSPENDED;
      }
      return park(exchange, path, false);
    }

    private Flow suspendAgain(Exchange exchange) {
      Resumption second = exchange.suspend(Duration.ofSeconds(20));
      threads.execute(() -> second.resume(this::answer));
      return Flow.SUSPENDED;
    }

    private Flow answer(Exchange exchange) {
      return exchange.respond(200, Map.of(), "again".getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Flow onResponse(Exchange exchange) {
      return exchange.request().path().startsWith("/x") && exchange.response().status() == 200
          ? park(exchange, exchange.request().path(), true)
          : Flow.CONTINUE;
    }

    private Flow park(Exchange exchange, String path, boolean response) {
      Resumption resumption = exchange.suspend(Duration.ofSeconds(20));
      old.add(resumption);
      Resumption.Step step = now -> step(now, path, response);
      for (int i = 0; i < 10; i++) {
        threads.execute(
            () -> {
              if (resumption.resume(step)) {
                accepted.incrementAndGet();
              }
            });
      }
      return Flow.SUSPENDED;
    }

    private Flow step(Exchange now, String path, boolean response) {
      if (!now.request().path().equals(path)) {
        strayed.incrementAndGet();
      }
      if (response) {
        now.response().headers().set("X-Path", path);
        return Flow.CONTINUE;
      }
      return path.endsWith("7")
          ? now.respond(200, Map.of(), path.getBytes(StandardCharsets.UTF_8))
          : Flow.CONTINUE;
    }

    @Override
    public void onComplete(Exchange exchange, Outcome outcome) {
      ended.incrementAndGet();
    }
  }

  private void work() {
    while (!Thread.currentThread().isInterrupted()) {
      Runnable task = tasks.poll();
      if (task == null) {
        LockSupport.parkNanos(20_000);
      } else {
        task.run();
      }
    }
  }

  @BeforeEach
  void boot() {
    for (int i = 0; i < 10; i++) {
      pool.execute(this::work);
    }
    peer = Peer.of(request -> Peer.answer(request, 200, request.target()));
    peer.keepsRecord = false;
    MiddlewareFactory parking = Running.middleware("parking", (config, context) -> new Parking());
    running =
        Running.start(
            home,
            "runtime.event-loops = 2\n"
                + Running.COMMON
                + """
                upstreams.app.endpoints = ["%s"]
                routes = [ { middleware = [ parking ], upstream = app } ]
                """
                    .formatted(peer.address()),
            parking);
  }

  @AfterEach
  void stop() {
    running.close();
    peer.close();
    pool.shutdownNow();
  }

  @Test
  void lateSecondAndConcurrentUsesNeverTouchAnotherExchange() throws Exception {
    int callers = 6;
    int each = 700;
    Future<?> late = pool.submit(this::useOldOnes);
    ExecutorService clients = Executors.newFixedThreadPool(callers);
    List<Future<Integer>> done = new ArrayList<>();
    for (int c = 0; c < callers; c++) {
      int caller = c;
      done.add(clients.submit(() -> call(caller, each)));
    }
    int right = 0;
    for (Future<Integer> one : done) {
      right += one.get(120, TimeUnit.SECONDS);
    }
    late.cancel(true);
    clients.shutdown();
    assertThat(right).isEqualTo(callers * each);
    assertThat(strayed).hasValue(0);
    // the thread that resumed may count it after the answer came
    await().untilAsserted(() -> assertThat(accepted).hasValue(2 * callers * each));
    assertThat(old).noneMatch(Resumption::resume);
    assertThat(accepted).hasValue(2 * callers * each);
  }

  private void useOldOnes() {
    List<Resumption> used = new ArrayList<>();
    while (!Thread.currentThread().isInterrupted()) {
      Resumption next = old.peek();
      if (next != null && used.size() < accepted.get() - 100) {
        old.poll();
        used.add(next);
      }
      if (!used.isEmpty()) {
        Resumption one = used.get(ThreadLocalRandom.current().nextInt(used.size()));
        if (one.resume(
            exchange -> {
              strayed.incrementAndGet();
              return exchange.respond(599, Map.of(), new byte[0]);
            })) {
          strayed.incrementAndGet();
        }
        one.fail(new IllegalStateException("late"));
      }
      LockSupport.parkNanos(10_000);
    }
  }

  private int call(int caller, int times) throws Exception {
    int right = 0;
    try (Caller connection = running.caller()) {
      for (int i = 0; i < times; i++) {
        String path = "/x" + caller + "-" + i;
        Caller.Response response = connection.get(path);
        if (response.status() == 200
            && response.body().equals(path)
            && path.equals(response.headers().get("x-path"))) {
          right++;
        }
      }
    }
    return right;
  }

  @Test
  void aSuspensionPastItsDeadlineIsAnInternalError() throws Exception {
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/never").status()).isEqualTo(500);
      assertThat(caller.get("/fails").status()).isEqualTo(500);
      assertThat(caller.get("/again").body()).isEqualTo("again");
      assertThat(caller.get("/x1").body()).isEqualTo("/x1");
    }
  }

  @Test
  void aResumptionOfAnExchangeWhoseClientLeftIsRefused() throws Exception {
    try (Caller caller = running.caller()) {
      caller.send(Caller.request("GET", "/never", ""));
    }
    await().until(() -> ended.get() == 1);
  }
}
