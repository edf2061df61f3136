package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.api.middleware.Attribute;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadTest {

  @TempDir Path home;
  private final Peer one = Peer.saying("one");
  private final Peer two = Peer.saying("two");
  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private final AtomicInteger usedAfterClose = new AtomicInteger();
  private final MiddlewareFactory tagging =
      Running.middleware(
          "tagging",
          (config, context) ->
              new Tagging(
                  config.string("tag").describe("a text").orElse("none"),
                  context.attribute(String.class)));
  private final Socket reserved = new Socket();
  private Running running;

  /** Tags responses with what it is and which instance of it. */
  private final class Tagging implements Middleware {
    private final String tag;
    private final Attribute<String> kept;
    private final int instance = made.incrementAndGet();
    private volatile boolean over;

    Tagging(String tag, Attribute<String> kept) {
      this.tag = tag;
      this.kept = kept;
    }

    @Override
    public Flow onRequest(Exchange exchange) {
      if (over) {
        usedAfterClose.incrementAndGet();
      }
      exchange.set(kept, tag + instance);
      return Flow.CONTINUE;
    }

    @Override
    public Flow onResponse(Exchange exchange) {
      if (over) {
        usedAfterClose.incrementAndGet();
      }
      exchange.response().headers().add("X-Tag", String.valueOf(exchange.get(kept)));
      return Flow.CONTINUE;
    }

    @Override
    public void close() {
      over = true;
      closed.incrementAndGet();
    }
  }

  @AfterEach
  void stop() throws IOException {
    running.close();
    reserved.close();
    one.close();
    two.close();
    assertThat(usedAfterClose).hasValue(0);
    await().untilAsserted(() -> assertThat(closed).hasValue(made.get()));
  }

  private String config(String middleware, String upstream) {
    return Running.COMMON
        + "middleware { "
        + middleware
        + " }\nupstreams.app { endpoints = [\""
        + one.address()
        + "\"]\n"
        + upstream
        + " }\n";
  }

  private static final String ROUTES = "routes = [ { middleware = [ a, b ], upstream = app } ]\n";
  private static final String A = "a { type = tagging, tag = a }, ";
  private static final String B = "b { type = tagging, tag = b }";

  @Test
  void carriesOverWhatDidNotChange() throws Exception {
    running = Running.start(home, config(A + B, "") + ROUTES, tagging);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").headers()).containsEntry("x-tag", "b2, a1");
      ReloadResult same = running.reload(config(B + ", " + A, "") + ROUTES);
      assertThat(same.ok()).isTrue();
      assertThat(caller.get("/").headers()).containsEntry("x-tag", "b2, a1");
      ReloadResult changed =
          running.reload(config(A + "b { type = tagging, tag = other }", "") + ROUTES);
      assertThat(changed.problems()).isEmpty();
      assertThat(caller.get("/").headers()).containsEntry("x-tag", "other3, a1");
      assertThat(one.accepted).hasValue(1);
      await().untilAsserted(() -> assertThat(closed).hasValue(1));
      running.reload(config(A + B, "timeouts.connect = 1s") + ROUTES);
      assertThat(caller.get("/").headers()).containsEntry("x-tag", "b4, a1");
      assertThat(one.accepted).hasValue(2);
    }
  }

  @Test
  void saysOfAListenerThatItChangedWhateverItWas() throws Exception {
    String rest = config(A + B, "") + ROUTES;
    running = Running.start(home, rest, tagging);
    assertThat(running.reload(rest).changes()).isEmpty();
    for (String key : new String[] {"http2 = off", "upgrades = []", "limits.max-connections = 9"}) {
      assertThat(running.reload(rest + "listeners.web." + key + "\n").changes())
          .as(key)
          .containsExactly("listener web changed");
    }
  }

  @Test
  void whatIsGoneIsClosedOnlyAfterTheLastExchangeOnIt() throws Exception {
    CountDownLatch answers = new CountDownLatch(1);
    running = Running.start(home, config(A + B, "") + ROUTES, tagging);
    one.script =
        request -> {
          if (request.target().equals("/slow")) {
            latch(answers);
          }
          Peer.answer(request, 200, "one");
        };
    try (Caller slow = running.caller();
        Caller other = running.caller()) {
      slow.send(Caller.request("GET", "/slow", ""));
      await().until(() -> one.lines.size() == 1);
      running.reload(
          Running.COMMON
              + "upstreams.fresh.endpoints = [\""
              + two.address()
              + "\"]\nroutes = [ { upstream = fresh } ]\n");
      assertThat(other.get("/").body()).isEqualTo("two");
      assertThat(closed).hasValue(0);
      answers.countDown();
      assertThat(slow.receive(false).headers()).containsEntry("x-tag", "b2, a1");
      await().untilAsserted(() -> assertThat(closed).hasValue(2));
      assertThat(slow.get("/").body()).isEqualTo("two");
      await().until(() -> one.connections() == 0);
    }
  }

  private static void latch(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new IOException("nobody opened the latch");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void aBadConfigurationIsRefusedWithEveryProblemAndTheOldOneServes() throws Exception {
    running = Running.start(home, config(A + B, "") + ROUTES, tagging);
    ReloadResult refused =
        running.reload(
            config("a { type = taging }, " + B, "limits.max-pending = many")
                + "routes = [ { upstream = ap, middleware = [ a, c ] } ]\nruntimes = 1\n");
    assertThat(refused.ok()).isFalse();
    assertThat(String.join("\n", refused.problems()))
        .contains("taging", "max-pending", "unknown upstream \"ap\"", "\"c\"", "runtimes");
    assertThat(refused.generation()).isEqualTo(1);
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").headers()).containsEntry("x-tag", "b2, a1");
    }
    assertThat(running.reload("routes = [").ok()).isFalse();
    assertThat(running.reload(config(A + B, "") + ROUTES).ok()).isTrue();
  }

  @Test
  void listenersComeGoAndChangeTheirName() throws Exception {
    int fixed = reservedPort();
    String fixedBind = ".bind = \"127.0.0.1:" + fixed + "\"\n";
    String rest = config(A + B, "") + ROUTES;
    running = Running.start(home, rest, tagging);
    assertThat(running.reload("listeners.extra" + fixedBind + rest).problems()).isEmpty();
    try (Caller extra = new Caller(fixed);
        Caller silent = new Caller(fixed)) {
      assertThat(extra.get("/").body()).isEqualTo("one");
      assertThat(running.reload("listeners.other" + fixedBind + rest).problems()).isEmpty();
      assertThat(extra.get("/").body()).isEqualTo("one");
      assertThat(running.reload("listeners.third" + fixedBind + rest).problems()).isEmpty();
      assertThat(silent.get("/").body()).isEqualTo("one");
      assertThat(extra.get("/").body()).isEqualTo("one");
      // What is bound no more serves those that are connected one last time, all plugins alive.
      assertThat(running.reload(config("", "") + "routes = [ { upstream = app } ]\n").problems())
          .isEmpty();
      Caller.Response last = extra.get("/");
      assertThat(last.headers())
          .containsEntry("x-tag", "b2, a1")
          .containsEntry("connection", "close");
      assertThat(silent.get("/").headers()).containsEntry("x-tag", "b2, a1");
    }
    await().untilAsserted(() -> assertThat(closed).hasValue(2));
    assertThat(running.platform.listeners()).containsOnlyKeys("web");
  }

  /**
   * A port for a listener that comes and goes. It stays bound here, without listening, so that
   * nobody else is given it meanwhile, not even as the client's end of a connection.
   */
  private int reservedPort() throws IOException {
    reserved.setReuseAddress(true);
    reserved.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return reserved.getLocalPort();
  }

  @Test
  void fiftyReloadsUnderLoadFailNoRequest() throws Exception {
    int fixed = reservedPort();
    running =
        Running.start(home, "runtime.event-loops = 2\n" + config(A + B, "") + ROUTES, tagging);
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService callers = Executors.newFixedThreadPool(8);
    List<Future<Integer>> loads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      loads.add(callers.submit(() -> load(stop)));
    }
    for (int i = 1; i <= 50; i++) {
      ReloadResult result = running.reload("runtime.event-loops = 2\n" + variant(i, fixed));
      assertThat(result.problems()).isEmpty();
      assertThat(result.generation()).isEqualTo(i + 1);
    }
    stop.set(true);
    int served = 0;
    for (Future<Integer> load : loads) {
      served += load.get(30, TimeUnit.SECONDS);
    }
    callers.shutdown();
    assertThat(served).isGreaterThan(100);
  }

  private String variant(int i, int fixed) {
    String upstreams =
        switch (i % 3) {
          case 0 -> "";
          case 1 -> "timeouts.connect = " + i + "s";
          default -> "limits.max-pending = " + (1000 + i);
        };
    String extra =
        i % 2 == 0 ? "listeners.extra" + i + ".bind = \"127.0.0.1:" + fixed + "\"\n" : "";
    String second = "upstreams.second" + i % 4 + ".endpoints = [\"" + two.address() + "\"]\n";
    return config(A + "b { type = tagging, tag = " + "b" + i / 2 + " }", upstreams)
        + extra
        + second
        + "routes = [ { match.path = \"/two\", upstream = second"
        + i % 4
        + ", middleware = [ { type = tagging, tag = i"
        + i % 5
        + " } ] }\n { middleware = [ a, b ], upstream = app } ]\n";
  }

  private int load(AtomicBoolean stop) throws Exception {
    int served = 0;
    try (Caller caller = running.caller()) {
      while (!stop.get()) {
        String body = served % 2 == 0 ? "/" : "/two";
        Caller.Response response =
            served % 5 == 0 ? caller.post(body, "content") : caller.get(body);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isIn("one", "two");
        served++;
      }
    }
    return served;
  }

  @Test
  void aDrainUnderLoadFailsNoRequest() throws Exception {
    running = Running.start(home, config(A + B, "") + ROUTES, tagging);
    ExecutorService callers = Executors.newFixedThreadPool(8);
    List<Future<Map.Entry<Integer, Integer>>> loads = new ArrayList<>();
    AtomicInteger warm = new AtomicInteger();
    for (int i = 0; i < 8; i++) {
      loads.add(callers.submit(() -> untilTheEnd(warm)));
    }
    await().until(() -> warm.get() > 200);
    boolean whole =
        running
            .platform
            .drain(Duration.ofSeconds(10))
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    assertThat(whole).isTrue();
    for (Future<Map.Entry<Integer, Integer>> load : loads) {
      Map.Entry<Integer, Integer> sentAndServed = load.get(20, TimeUnit.SECONDS);
      assertThat(sentAndServed.getValue()).isEqualTo(sentAndServed.getKey());
    }
    callers.shutdown();
  }

  /** Goes on until told to close; answers how many were sent, and how many were served. */
  private Map.Entry<Integer, Integer> untilTheEnd(AtomicInteger warm) throws Exception {
    int sent = 0;
    int served = 0;
    try (Caller caller = running.caller()) {
      while (sent == served) {
        sent++;
        Caller.Response response = caller.get("/");
        served += response.status() == 200 && response.body().equals("one") ? 1 : 0;
        warm.incrementAndGet();
        if ("close".equals(response.headers().get("connection"))) {
          break;
        }
      }
    }
    return Map.entry(sent, served);
  }
}
