package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.limit.ConcurrencyLimiter;
import io.sluice.api.limit.ConcurrencyLimiterFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is less important is turned away first; from a route's key to the client's answer. */
class PriorityTest {

  private static final String CONFIG =
      Running.COMMON
          + """
          upstreams.app { endpoints = [ "%s" ], retry = off, concurrency-limiter.type = tiers }
          routes = [
            { match.path = "/critical", priority = critical, upstream = app }
            { match.path = "/high", priority = high, upstream = app }
            { match.path = "/low", priority = low, upstream = app }
            { upstream = app }
          ]
          """;

  @TempDir Path home;
  private final CountDownLatch gate = new CountDownLatch(1);
  private final Tiers limiter = new Tiers();
  private final List<Caller> open = new ArrayList<>();

  private final Peer peer =
      Peer.of(
          request -> {
            try {
              gate.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            Peer.answer(request, 200, "served");
          });

  private Running running;

  /** Four permits; each step down in importance may use one less. */
  private static final class Tiers implements ConcurrencyLimiter, ConcurrencyLimiterFactory {
    private final AtomicInteger taken = new AtomicInteger();

    @Override
    public String type() {
      return "tiers";
    }

    @Override
    public ConcurrencyLimiter create(ConfigSection config, PluginContext context) {
      return this;
    }

    @Override
    public boolean tryAcquire(int priority) {
      return taken.getAndUpdate(now -> now < 4 - priority ? now + 1 : now) < 4 - priority;
    }

    @Override
    public void onSuccess(long nanos, int inFlightAtStart) {
      taken.decrementAndGet();
    }

    @Override
    public void onDropped() {
      taken.decrementAndGet();
    }

    @Override
    public void onIgnored() {
      taken.decrementAndGet();
    }

    @Override
    public int limit() {
      return 4;
    }

    @Override
    public int inFlight() {
      return taken.get();
    }
  }

  @AfterEach
  void stop() throws Exception {
    gate.countDown();
    for (Caller caller : open) {
      caller.close();
    }
    running.close();
    peer.close();
  }

  /** Asks and leaves the request under way. */
  private Caller ask(String path) throws Exception {
    Caller caller = running.caller();
    open.add(caller);
    caller.send(Caller.request("GET", path, ""));
    return caller;
  }

  private void isShed(String path) throws Exception {
    Caller.Response response = ask(path).receive(false);
    assertThat(response.status()).as(path).isEqualTo(503);
    assertThat(response.headers()).containsEntry("retry-after", "1");
    assertThat(response.headers().get("proxy-status")).contains("connection_limit_reached");
  }

  private void isTaken(String path, int all) throws Exception {
    ask(path);
    await().until(() -> peer.lines.size() == all);
  }

  @Test
  void lowIsShedBeforeNormalBeforeHighBeforeCritical() throws Exception {
    running = Running.start(home, CONFIG.formatted(peer.address()), limiter);
    isTaken("/low", 1);
    isShed("/low");
    isTaken("/", 2);
    isShed("/low");
    isShed("/");
    isTaken("/high", 3);
    isShed("/");
    isShed("/high");
    isTaken("/critical", 4);
    isShed("/critical");
    assertThat(running.sum("sluice_limit_rejections_total{limit=\"concurrency-limiter\""))
        .isEqualTo(6);

    List<Caller> waiting = open.stream().filter(caller -> !caller.socket.isClosed()).toList();
    gate.countDown();
    await().until(() -> limiter.inFlight() == 0);
    assertThat(waiting).hasSize(10);
    assertThat(peer.lines).hasSize(4);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/low").body()).isEqualTo("served");
    }
  }
}
