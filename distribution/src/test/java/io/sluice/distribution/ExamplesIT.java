package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sluice.distribution.ScriptedEndpoint.Answer;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of {@code conf/examples}, each before real endpoints. */
class ExamplesIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path folder;

  // --- path-pools.conf -------------------------------------------------------------------------

  @Test
  void indexAlternatesExactlyAndArrivesUnderThePathOfTheEndpoint() {
    try (ScriptedEndpoint first = ScriptedEndpoint.named("5000");
        ScriptedEndpoint second = ScriptedEndpoint.named("5002");
        ScriptedEndpoint home = ScriptedEndpoint.named("5001");
        SluiceProcess sluice = pathPools(first, second, home)) {
      List<String> answers = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        answers.add(Client.get(sluice.port("web"), "/index?n=" + i).text());
      }
      for (int i = 2; i < answers.size(); i++) {
        assertThat(answers.get(i)).isEqualTo(answers.get(i - 2)).isNotEqualTo(answers.get(i - 1));
      }
      assertThat(first.received()).hasSize(10);
      assertThat(second.received()).hasSize(10);
      assertThat(first.received().get(0).target()).startsWith("/index-proxied?n=");
    }
  }

  @Test
  void homeGoesToItsOnlyEndpointAndAnotherPathNowhere() {
    try (ScriptedEndpoint first = ScriptedEndpoint.named("5000");
        ScriptedEndpoint second = ScriptedEndpoint.named("5002");
        ScriptedEndpoint home = ScriptedEndpoint.named("5001");
        SluiceProcess sluice = pathPools(first, second, home)) {
      assertThat(Client.get(sluice.port("web"), "/home").text()).isEqualTo("5001");
      assertThat(home.received().get(0).target()).isEqualTo("/home-proxied");

      Wire.Message nowhere = Client.get(sluice.port("web"), "/index/deeper");
      assertThat(nowhere.status()).isEqualTo(404);
      assertThat(nowhere.header("Proxy-Status")).contains("destination_not_found");
      assertThat(first.received()).isEmpty();
    }
  }

  private SluiceProcess pathPools(
      ScriptedEndpoint first, ScriptedEndpoint second, ScriptedEndpoint home) {
    return Example.shipped("path-pools.conf")
        .endpoint(5000, first)
        .endpoint(5002, second)
        .endpoint(5001, home)
        .run(folder);
  }

  // --- sticky.conf -----------------------------------------------------------------------------

  @Test
  void clientsComeBackUntilTheirEndpointIsTakenOut() {
    try (ScriptedEndpoint first = ScriptedEndpoint.named("first");
        ScriptedEndpoint second = ScriptedEndpoint.named("second");
        ScriptedEndpoint backup = ScriptedEndpoint.named("backup");
        SluiceProcess sluice =
            Example.shipped("sticky.conf")
                .endpoint(9001, first)
                .endpoint(9002, second)
                .endpoint(9003, backup)
                .replace("interval = 2s", "interval = 50ms")
                .run(folder)) {
      int web = sluice.port("web");
      await().atMost(SOON).until(() -> Client.get(web, "/").status() == 200);
      Wire.Message fresh = Client.get(web, "/");
      String line = fresh.header("Set-Cookie");
      assertThat(line).matches("shop=[A-Za-z0-9_-]{22}; Path=/; HttpOnly; SameSite=Lax");
      String cookie = "Cookie: " + line.substring(0, line.indexOf(';'));
      ScriptedEndpoint own = fresh.text().equals("first") ? first : second;
      for (int i = 0; i < 10; i++) {
        Wire.Message again = Client.get(web, "/" + i, cookie);
        assertThat(again.text()).isEqualTo(fresh.text());
        assertThat(again.header("Set-Cookie")).isNull();
      }
      assertThat(own.received()).noneMatch(request -> request.toString().contains("shop="));

      String path = "/upstreams/shop/endpoints/127.0.0.1:" + own.port();
      assertThat(Client.call(sluice.adminPort(), "POST", path + "/drain", List.of()).status())
          .isEqualTo(200);
      assertThat(Client.get(web, "/", cookie).text()).isEqualTo(fresh.text());
      assertThat(Client.get(web, "/").text()).isNotEqualTo(fresh.text()).isNotEqualTo("backup");
      assertThat(Client.call(sluice.adminPort(), "POST", path + "/disable", List.of()).status())
          .isEqualTo(200);
      Wire.Message moved = Client.get(web, "/", cookie);
      assertThat(moved.text()).isNotEqualTo(fresh.text()).isNotEqualTo("backup");
      assertThat(moved.header("Set-Cookie")).startsWith("shop=");
    }
  }

  // --- health-cors-limit.conf ------------------------------------------------------------------

  @Test
  void isReadyOnlyWhenOneEndpointIsHealthyAndBringsARecoveredOneBack() {
    AtomicBoolean firstWell = new AtomicBoolean();
    AtomicBoolean secondWell = new AtomicBoolean();
    try (ScriptedEndpoint first = withHealth("first", firstWell);
        ScriptedEndpoint second = withHealth("second", secondWell);
        SluiceProcess sluice =
            healthCorsLimit(first, second)
                .replace("interval = 5s", "interval = 50ms")
                .run(folder)) {
      assertThat(Client.get(sluice.adminPort(), "/health/ready").status()).isEqualTo(503);
      assertThat(Client.get(sluice.port("web"), "/").status()).isEqualTo(503);

      firstWell.set(true);
      await()
          .atMost(SOON)
          .until(() -> Client.get(sluice.adminPort(), "/health/ready").status() == 200);
      assertThat(Client.get(sluice.port("web"), "/a").text()).isEqualTo("first");

      secondWell.set(true);
      firstWell.set(false);
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(Client.get(sluice.adminPort(), "/metrics").text())
                      .containsPattern(up(first, 0))
                      .containsPattern(up(second, 1)));
      assertThat(Client.get(sluice.port("web"), "/b").text()).isEqualTo("second");

      firstWell.set(true);
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(Client.get(sluice.adminPort(), "/metrics").text())
                      .containsPattern(up(first, 1)));
    }
  }

  @Test
  void answersCorsForAnyOriginAndForListedOnes() {
    try (ScriptedEndpoint first = ScriptedEndpoint.named("first");
        ScriptedEndpoint second = ScriptedEndpoint.named("second");
        SluiceProcess sluice = readyHealthCorsLimit(first, second)) {
      int web = sluice.port("web");
      Wire.Message any = Client.get(web, "/", "Origin: https://anywhere.example");
      assertThat(any.status()).isEqualTo(200);
      assertThat(any.header("Access-Control-Allow-Origin")).isEqualTo("*");

      Wire.Message listed = Client.get(web, "/account", "Origin: https://app.example.com");
      assertThat(listed.header("Access-Control-Allow-Origin")).isEqualTo("https://app.example.com");
      assertThat(listed.header("Access-Control-Allow-Credentials")).isEqualTo("true");
      assertThat(listed.header("Access-Control-Expose-Headers")).isEqualTo("X-Total");

      Wire.Message other = Client.get(web, "/account", "Origin: https://other.example.com");
      assertThat(other.header("Access-Control-Allow-Origin")).isNull();

      Wire.Message preflight =
          Client.call(
              web,
              "OPTIONS",
              "/account",
              List.of("Origin: https://app.example.com", "Access-Control-Request-Method: DELETE"));
      assertThat(preflight.status()).isIn(200, 204);
      assertThat(preflight.header("Access-Control-Allow-Methods")).contains("DELETE");
      assertThat(preflight.header("Access-Control-Max-Age")).isEqualTo("3600");
    }
  }

  @Test
  void refusesAClientBeyondItsBurstAndSaysWhenToComeBack() {
    try (ScriptedEndpoint first = ScriptedEndpoint.named("first");
        ScriptedEndpoint second = ScriptedEndpoint.named("second");
        SluiceProcess sluice = readyHealthCorsLimit(first, second)) {
      List<Wire.Message> answers = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        answers.add(Client.get(sluice.port("web"), "/"));
      }
      assertThat(answers.subList(0, 10)).allMatch(answer -> answer.status() == 200);
      List<Wire.Message> refused =
          answers.stream().filter(answer -> answer.status() == 429).toList();
      // 100 a minute refill one in 600 ms, so of 30 at once nearly 20 are beyond the burst.
      assertThat(refused).hasSizeGreaterThanOrEqualTo(10);
      assertThat(refused.get(0).header("Retry-After")).matches("[0-9]+");
      assertThat(refused.get(0).headers())
          .anyMatch(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("ratelimit"));
      assertThat(first.received().size() + second.received().size())
          .isGreaterThanOrEqualTo(30 - refused.size());
    }
  }

  @Test
  void logsOneLineOfJsonARequestOnStandardOutput() {
    try (ScriptedEndpoint first = ScriptedEndpoint.named("first");
        ScriptedEndpoint second = ScriptedEndpoint.named("second");
        SluiceProcess sluice = readyHealthCorsLimit(first, second)) {
      Client.get(sluice.port("web"), "/logged?x=1", "User-Agent: the-test");
      await().atMost(SOON).until(() -> sluice.out().stream().anyMatch(l -> l.contains("/logged")));
      String line =
          sluice.out().stream().filter(l -> l.contains("/logged")).findFirst().orElseThrow();
      Config json = ConfigFactory.parseString(line);
      assertThat(line).startsWith("{").endsWith("}");
      assertThat(json.getString("method")).isEqualTo("GET");
      assertThat(json.getInt("status")).isEqualTo(200);
      assertThat(json.getString("route")).isEqualTo("public");
      assertThat(json.getString("upstream")).isEqualTo("app");
      assertThat(sluice.out()).allMatch(l -> l.startsWith("{"));
    }
  }

  private Example healthCorsLimit(ScriptedEndpoint first, ScriptedEndpoint second) {
    return Example.shipped("health-cors-limit.conf").endpoint(9001, first).endpoint(9002, second);
  }

  private SluiceProcess readyHealthCorsLimit(ScriptedEndpoint first, ScriptedEndpoint second) {
    SluiceProcess sluice =
        healthCorsLimit(first, second).replace("interval = 5s", "interval = 50ms").run(folder);
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(Client.get(sluice.adminPort(), "/metrics").text())
                    .containsPattern(up(first, 1))
                    .containsPattern(up(second, 1)));
    return sluice;
  }

  private static ScriptedEndpoint withHealth(String name, AtomicBoolean well) {
    return ScriptedEndpoint.start(
        request ->
            request.target().equals("/health")
                ? Answer.status(well.get() ? 200 : 500)
                : Answer.ok(name));
  }

  private static String up(ScriptedEndpoint endpoint, int value) {
    return "sluice_endpoint_up\\{[^}]*:" + endpoint.port() + "\"[^}]*\\} " + value;
  }

  // --- hosts.conf ------------------------------------------------------------------------------

  @Test
  void choosesTheServiceByHostAndStripsThePrefixOnly() {
    try (ScriptedEndpoint users = ScriptedEndpoint.named("users");
        ScriptedEndpoint more = ScriptedEndpoint.named("users");
        ScriptedEndpoint orders = ScriptedEndpoint.named("orders");
        SluiceProcess sluice = hosts(users, more, orders, Example.freePort())) {
      String json = "{\"name\":\"Zoë\",\"tags\":[1,2]}";
      Wire.Message answer =
          Client.call(
              sluice.port("web"),
              "POST",
              "/proxy/people/7?sort=a%20b&x=1&x=2",
              List.of("Host: users.com", "Content-Type: application/json"),
              json);
      assertThat(answer.text()).isEqualTo("users");
      Wire.Message arrived =
          users.received().isEmpty() ? more.received().get(0) : users.received().get(0);
      assertThat(arrived.method()).isEqualTo("POST");
      assertThat(arrived.target()).isEqualTo("/people/7?sort=a%20b&x=1&x=2");
      assertThat(arrived.text()).isEqualTo(json);
      assertThat(arrived.header("Content-Type")).isEqualTo("application/json");
      assertThat(arrived.header("X-Forwarded-For")).isEqualTo("127.0.0.1");
      assertThat(arrived.header("X-Forwarded-Host")).isEqualTo("users.com");
      assertThat(arrived.header("Via")).contains("sluice");

      assertThat(Client.get(sluice.port("web"), "/proxy/1", "Host: EU.orders.com:8080").text())
          .isEqualTo("orders");
    }
  }

  @Test
  void answers404ForAnUnknownHost() {
    try (ScriptedEndpoint users = ScriptedEndpoint.named("users");
        ScriptedEndpoint more = ScriptedEndpoint.named("users");
        ScriptedEndpoint orders = ScriptedEndpoint.named("orders");
        SluiceProcess sluice = hosts(users, more, orders, Example.freePort())) {
      assertThat(Client.get(sluice.port("web"), "/proxy/1", "Host: unknown.com").status())
          .isEqualTo(404);
      assertThat(Client.get(sluice.port("web"), "/other", "Host: users.com").status())
          .isEqualTo(404);
      assertThat(users.received()).isEmpty();
    }
  }

  @Test
  void triesTheNextEndpointWhenOneIsDownEvenForAPost() {
    try (ScriptedEndpoint down = ScriptedEndpoint.named("down");
        ScriptedEndpoint up = ScriptedEndpoint.named("up");
        ScriptedEndpoint orders = ScriptedEndpoint.named("orders")) {
      down.kill();
      try (SluiceProcess sluice = hosts(down, up, orders, Example.freePort())) {
        for (int i = 0; i < 10; i++) {
          Wire.Message answer =
              Client.call(
                  sluice.port("web"), "POST", "/proxy/x", List.of("Host: users.com"), "body " + i);
          assertThat(answer.status()).isEqualTo(200);
          assertThat(up.received().get(i).text()).isEqualTo("body " + i);
        }
      }
    }
  }

  @Test
  void servesMetricsOnAPortOfTheirOwnAndNothingElseThere() {
    int metrics = Example.freePort();
    try (ScriptedEndpoint users = ScriptedEndpoint.named("users");
        ScriptedEndpoint more = ScriptedEndpoint.named("users");
        ScriptedEndpoint orders = ScriptedEndpoint.named("orders");
        SluiceProcess sluice = hosts(users, more, orders, metrics)) {
      Client.get(sluice.port("web"), "/proxy/1", "Host: users.com");
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(Client.get(metrics, "/metrics").text())
                      .containsPattern(
                          "sluice_requests_total\\{[^}]*route=\"users\"[^}]*\\} 1(\\.0)?\\n"));
      assertThat(Client.get(metrics, "/config").status()).isEqualTo(404);
    }
  }

  private SluiceProcess hosts(
      ScriptedEndpoint users, ScriptedEndpoint more, ScriptedEndpoint orders, int metrics) {
    return Example.shipped("hosts.conf")
        .endpoint(9001, users)
        .endpoint(9002, more)
        .endpoint(9003, orders)
        .port(9902, metrics)
        .run(folder);
  }

  // --- sticky-hash.conf ------------------------------------------------------------------------

  @Test
  void keepsAClientAtOneEndpointAndMovesItOnlyWhenThatDies() {
    List<ScriptedEndpoint> endpoints = three();
    try (SluiceProcess sluice = stickyHash(endpoints)) {
      String home = onlyAnswer(sluice, "/", "X-Page: 1");

      ScriptedEndpoint dead = endpoints.get(Integer.parseInt(home));
      dead.kill();
      String other = onlyAnswer(sluice, "/", "X-Page: 2");
      assertThat(other).isNotEqualTo(home);
    } finally {
      endpoints.forEach(ScriptedEndpoint::close);
    }
  }

  @Test
  void keepsASessionAtOneEndpointAndLeavesTheOthersWhenOneDies() {
    List<ScriptedEndpoint> endpoints = three();
    try (SluiceProcess sluice = stickyHash(endpoints)) {
      Map<String, String> homes = new TreeMap<>();
      for (int i = 0; i < 30; i++) {
        String session = "s" + i;
        homes.put(session, onlyAnswer(sluice, "/cart/x", "Cookie: a=b; session=" + session));
      }
      assertThat(homes.values()).contains("0", "1", "2");

      endpoints.get(1).kill();
      homes.forEach(
          (session, home) -> {
            String now = onlyAnswer(sluice, "/cart/x", "Cookie: session=" + session);
            if (home.equals("1")) {
              assertThat(now).isNotEqualTo("1");
            } else {
              assertThat(now).isEqualTo(home);
            }
          });
    } finally {
      endpoints.forEach(ScriptedEndpoint::close);
    }
  }

  /** What every one of several requests is answered. */
  private static String onlyAnswer(SluiceProcess sluice, String path, String header) {
    Set<String> answers = new TreeSet<>();
    for (int i = 0; i < 5; i++) {
      Wire.Message answer = Client.get(sluice.port("web"), path, header);
      assertThat(answer.status()).isEqualTo(200);
      answers.add(answer.text());
    }
    assertThat(answers).hasSize(1);
    return answers.iterator().next();
  }

  /** Three endpoints, each answering with its index. */
  private static List<ScriptedEndpoint> three() {
    List<ScriptedEndpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      endpoints.add(ScriptedEndpoint.named(Integer.toString(i)));
    }
    return endpoints;
  }

  private SluiceProcess stickyHash(List<ScriptedEndpoint> endpoints) {
    Example example = Example.shipped("sticky-hash.conf");
    for (int i = 0; i < 3; i++) {
      example.endpoint(9001 + i, endpoints.get(i));
    }
    return example.run(folder);
  }

  // --- ordered-routes.conf ---------------------------------------------------------------------

  @Test
  void takesTheFirstPrefixOfAHostAndElseTheDefault() {
    try (Six endpoints = new Six();
        SluiceProcess sluice = ordered(endpoints).run(folder)) {
      Map<String, String> expected =
          Map.of(
              "shop.example.com/api/v2/x", "api-v2",
              "shop.example.com/api/v3", "api",
              "shop.example.com/apix", "shop",
              "blog.example.com/feed", "feed",
              "blog.example.com/api", "blog",
              "other.example.com/api", "fallback");
      expected.forEach(
          (url, name) -> {
            String host = url.substring(0, url.indexOf('/'));
            String path = url.substring(url.indexOf('/'));
            assertThat(Client.get(sluice.port("web"), path, "Host: " + host).text())
                .as(url)
                .isEqualTo(name);
          });
    }
  }

  @Test
  void readsTheConfigAgainAtAPostToTheAdminPort() throws IOException {
    try (Six endpoints = new Six();
        SluiceProcess sluice = ordered(endpoints).run(folder)) {
      int web = sluice.port("web");
      assertThat(Client.get(web, "/feed", "Host: blog.example.com").text()).isEqualTo("feed");

      String changed = ordered(endpoints).replace("upstream = feed }", "upstream = shop }").text();
      Files.writeString(folder.resolve("sluice.conf"), changed);
      assertThat(Client.call(sluice.adminPort(), "POST", "/reload", List.of()).status())
          .isEqualTo(200);
      assertThat(Client.get(web, "/feed", "Host: blog.example.com").text()).isEqualTo("shop");

      Files.writeString(
          folder.resolve("sluice.conf"), changed.replace("upstream = shop }", "upstream = shp }"));
      Wire.Message refused = Client.call(sluice.adminPort(), "POST", "/reload", List.of());
      assertThat(refused.status()).isEqualTo(422);
      assertThat(refused.text()).contains("shp").contains("did you mean").contains("sluice.conf:");
      assertThat(Client.get(web, "/feed", "Host: blog.example.com").text()).isEqualTo("shop");
      assertThat(Client.get(sluice.adminPort(), "/reload").status()).isEqualTo(405);
    }
  }

  @Test
  void letsARunningRequestEndBeforeItStops() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch mayAnswer = new CountDownLatch(1);
    try (Six endpoints = new Six();
        ScriptedEndpoint slow = held(arrived, mayAnswer);
        SluiceProcess sluice = ordered(endpoints, slow).run(folder)) {
      List<Wire.Message> answers = new ArrayList<>();
      Thread caller =
          new Thread(() -> answers.add(Client.get(sluice.port("web"), "/", "Host: other")));
      caller.start();
      assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
      sluice.signal("TERM");
      await().atMost(SOON).until(() -> sluice.err().stream().anyMatch(l -> l.contains("drain")));
      mayAnswer.countDown();
      assertThat(sluice.exitCode(Duration.ofSeconds(20))).isZero();
      caller.join(10_000);
      assertThat(answers).hasSize(1);
      assertThat(answers.get(0).text()).isEqualTo("late");
    }
  }

  @Test
  void stopsWhenTheShutdownTimeoutIsOverWhateverStillRuns() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    try (Six endpoints = new Six();
        ScriptedEndpoint stuck = held(arrived, never);
        SluiceProcess sluice =
            ordered(endpoints, stuck)
                .replace("shutdown-timeout = 10s", "shutdown-timeout = 300ms")
                .run(folder);
        Client client = new Client(sluice.port("web"))) {
      Thread caller =
          new Thread(
              () -> {
                try {
                  client.exchange("GET", "/", List.of(), "");
                } catch (IOException closed) {
                  never.countDown();
                }
              });
      caller.start();
      assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
      sluice.signal("TERM");
      assertThat(sluice.exitCode(Duration.ofSeconds(10))).isZero();
      never.countDown();
      caller.join(10_000);
    }
  }

  private static ScriptedEndpoint held(CountDownLatch arrived, CountDownLatch mayAnswer) {
    return ScriptedEndpoint.start(
        request -> {
          arrived.countDown();
          try {
            assertThat(mayAnswer.await(60, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return Answer.ok("late");
        });
  }

  private static Example ordered(Six endpoints) {
    return ordered(endpoints, endpoints.all.get(5));
  }

  private static Example ordered(Six endpoints, ScriptedEndpoint fallback) {
    Example example = Example.shipped("ordered-routes.conf");
    for (int i = 0; i < 5; i++) {
      example.endpoint(9001 + i, endpoints.all.get(i));
    }
    return example.endpoint(9006, fallback);
  }

  // --- discovery-*.conf ------------------------------------------------------------------------

  @Test
  void takesItsEndpointsFromAFileAndFollowsIt() throws IOException {
    try (ScriptedEndpoint first = ScriptedEndpoint.named("first");
        ScriptedEndpoint second = ScriptedEndpoint.named("second")) {
      String shipped = Files.readString(Installation.example("endpoints.json"));
      assertThat(shipped).contains("127.0.0.1:9001");
      Path list = folder.resolve("endpoints.json");
      Files.writeString(list, "[ \"" + first.address() + "\" ]");
      try (SluiceProcess sluice = Example.shipped("discovery-file.conf").run(folder)) {
        await()
            .atMost(SOON)
            .until(() -> Client.get(sluice.adminPort(), "/health/ready").status() == 200);
        assertThat(Client.get(sluice.port("web"), "/").text()).isEqualTo("first");

        replace(list, "[ \"" + second.address() + "\" ]");
        await()
            .atMost(SOON)
            .until(() -> Client.get(sluice.port("web"), "/").text().equals("second"));

        replace(list, "[ \"" + first.address() + "\",\n oops");
        await()
            .atMost(SOON)
            .until(
                () ->
                    Client.get(sluice.adminPort(), "/upstreams")
                        .text()
                        .contains("endpoints.json:2: not JSON"));
        assertThat(Client.get(sluice.port("web"), "/").text()).isEqualTo("second");
        assertThat(Client.get(sluice.adminPort(), "/metrics").text())
            .containsPattern("sluice_discovery_errors_total\\{upstream=\"app\"\\} [1-9]");
      }
    }
  }

  private static void replace(Path file, String text) throws IOException {
    Path other = file.resolveSibling("new");
    Files.writeString(other, text);
    Files.move(
        other,
        file,
        java.nio.file.StandardCopyOption.ATOMIC_MOVE,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void takesItsEndpointsFromDnsAndFollowsIt() {
    try (NameServer names = new NameServer();
        ScriptedEndpoint users = ScriptedEndpoint.named("users");
        ScriptedEndpoint web = ScriptedEndpoint.named("web");
        ScriptedEndpoint other = ScriptedEndpoint.named("other")) {
      names.says("users.example.internal", "A", "127.0.0.1");
      names.says("_http._tcp.web.example.internal", "SRV", "1 1 " + web.port() + " web.internal.");
      names.says("web.internal", "A", "127.0.0.1");
      Example example =
          Example.shipped("discovery-dns.conf")
              .replace("internal:9001", "internal:" + users.port())
              .port(5353, names.port());
      try (SluiceProcess sluice = example.run(folder)) {
        int port = sluice.port("web");
        await()
            .atMost(SOON)
            .untilAsserted(
                () -> {
                  assertThat(Client.get(port, "/users/1").text()).isEqualTo("users");
                  assertThat(Client.get(port, "/").text()).isEqualTo("web");
                });
        names.says(
            "_http._tcp.web.example.internal", "SRV", "1 1 " + other.port() + " web.internal.");
        await().atMost(SOON).until(() -> Client.get(port, "/").text().equals("other"));
      }
    }
  }

  // --- resilience.conf -------------------------------------------------------------------------

  /** One of three dies, answers 500 or nothing at all; each time the others answer for it. */
  @Test
  void recommendedPoliciesHideWhatBefallsOneEndpoint() {
    AtomicReference<Function<Wire.Message, Answer>> script =
        new AtomicReference<>(request -> Answer.ok("sick"));
    CountDownLatch silence = new CountDownLatch(1);
    try (ScriptedEndpoint sick = ScriptedEndpoint.start(request -> script.get().apply(request));
        ScriptedEndpoint second = ScriptedEndpoint.named("second");
        ScriptedEndpoint third = ScriptedEndpoint.named("third");
        SluiceProcess sluice =
            Example.shipped("resilience.conf")
                .endpoint(9001, sick)
                .endpoint(9002, second)
                .endpoint(9003, third)
                .run(folder)) {
      awaitAnswerFrom("sick", sluice);
      script.set(
          request -> request.target().equals("/health") ? Answer.ok("well") : Answer.status(500));
      assertNobodyNotices(sluice);
      script.set(request -> sayNothing(silence));
      assertNobodyNotices(sluice);
      sick.kill();
      assertNobodyNotices(sluice);
      script.set(request -> Answer.ok("sick"));
      sick.revive();
      // One request at a time goes where answers came soonest of late: the others for a good while
      // yet.
      second.kill();
      third.kill();
      awaitAnswerFrom("sick", sluice);
    } finally {
      silence.countDown();
    }
  }

  private static Answer sayNothing(CountDownLatch until) {
    try {
      until.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Answer.status(503);
  }

  private static void assertNobodyNotices(SluiceProcess sluice) {
    for (int i = 0; i < 12; i++) {
      Wire.Message answer = Client.get(sluice.port("web"), "/");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isIn("second", "third");
    }
  }

  private static void awaitAnswerFrom(String endpoint, SluiceProcess sluice) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Client.get(sluice.port("web"), "/").text().equals(endpoint));
  }

  @Test
  void everyOtherExampleIsAccepted() {
    Command check =
        Command.sluice("check", Installation.example("discovery-kubernetes.conf").toString());
    assertThat(check.exitCode()).as(check.text()).isZero();
  }

  /** The endpoints of ordered-routes.conf, each answering with the name of its upstream. */
  private static final class Six implements AutoCloseable {
    private final List<ScriptedEndpoint> all = new ArrayList<>();

    Six() {
      for (String name : List.of("api-v2", "api", "shop", "feed", "blog", "fallback")) {
        all.add(ScriptedEndpoint.named(name));
      }
    }

    @Override
    public void close() {
      all.forEach(ScriptedEndpoint::close);
    }
  }

  // --- tcp.conf --------------------------------------------------------------------------------

  @Test
  void tcpConnectionsOutliveAReloadOfTheRoutesBesideThem() throws IOException {
    try (ScriptedEndpoint api = ScriptedEndpoint.named("api");
        ScriptedEndpoint site = ScriptedEndpoint.named("site");
        ScriptedEndpoint db = ScriptedEndpoint.named("row");
        SluiceProcess sluice =
            Example.shipped("tcp.conf")
                .replace("\":5432\"", "\"127.0.0.1:0\"")
                .endpoint(9001, api)
                .endpoint(9002, site)
                .port(9004, Example.freePort())
                .endpoint(9005, db)
                .run(folder);
        Client query = new Client(sluice.port("db"))) {
      assertThat(Client.get(sluice.port("web"), "/api/x").text()).isEqualTo("api");
      assertThat(Client.get(sluice.port("web"), "/").text()).isEqualTo("site");
      assertThat(query.exchange("GET", "/1", List.of(), "").text()).isEqualTo("row");

      Path config = folder.resolve("sluice.conf");
      Files.writeString(config, Files.readString(config).replace("\"/api\"", "\"/v2\""));
      assertThat(Client.call(sluice.adminPort(), "POST", "/reload", List.of()).status())
          .isEqualTo(200);
      assertThat(Client.get(sluice.port("web"), "/v2/x").text()).isEqualTo("api");
      assertThat(query.exchange("GET", "/2", List.of(), "").text()).isEqualTo("row");
    }
  }

  // --- passthrough.conf ------------------------------------------------------------------------

  @Test
  void tlsGoesByServerNameToWhoHoldsTheCertificate() throws Exception {
    try (Peers.Server b = Peers.tls(folder, "b.example.com");
        SluiceProcess sluice =
            Example.shipped("passthrough.conf")
                .replace("\":8443\"", "\"127.0.0.1:0\"")
                .port(9001, Example.freePort())
                .port(9002, b.port())
                .port(9003, Example.freePort())
                .run(folder)) {
      String address = "127.0.0.1:" + sluice.port("tls");
      assertThat(
              Peers.tryRun(
                  folder,
                  "openssl",
                  "s_client",
                  "-connect",
                  address,
                  "-servername",
                  "www.b.example.com"))
          .containsPattern("CN ?= ?b.example.com");
      assertThat(
              Peers.tryRun(
                  folder, "openssl", "s_client", "-connect", address, "-servername", "c.example"))
          .contains("unrecognized name");
    }
  }

  // --- websocket.conf --------------------------------------------------------------------------

  @Test
  void websocketsGoToTheirRoomAndEverythingElseToTheSite() throws IOException {
    try (Talking first = new Talking("first");
        Talking second = new Talking("second");
        ScriptedEndpoint site = ScriptedEndpoint.named("site");
        SluiceProcess sluice =
            Example.shipped("websocket.conf")
                .port(9001, first.port())
                .port(9002, second.port())
                .endpoint(9003, site)
                .run(folder)) {
      int web = sluice.port("web");
      assertThat(Client.get(web, "/chat?room=1").text()).isEqualTo("site");
      Set<String> seen = new TreeSet<>();
      for (int room = 0; room < 20; room++) {
        String endpoint = Talking.greeting(web, "/chat?room=" + room);
        assertThat(Talking.greeting(web, "/chat?room=" + room)).isEqualTo(endpoint);
        seen.add(endpoint);
      }
      assertThat(seen).containsExactly("first", "second");

      try (Socket tunnel = Talking.open(web, "/chat?room=1")) {
        Talking.line(tunnel);
        Path config = folder.resolve("sluice.conf");
        Files.writeString(config, Files.readString(config).replace("\"/chat\"", "\"/talk\""));
        assertThat(Client.call(sluice.adminPort(), "POST", "/reload", List.of()).status())
            .isEqualTo(200);
        assertThat(Talking.greeting(web, "/talk?room=1")).isIn("first", "second");
        tunnel.getOutputStream().write("still here\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(Talking.line(tunnel)).isEqualTo("still here");
      }
    }
  }

  /** Takes upgrades; says its name, and then every line that it hears. */
  private static final class Talking implements AutoCloseable {

    private final ServerSocket server = bound();
    private final String name;

    Talking(String name) {
      this.name = name;
      Thread thread = new Thread(this::accept, "talking");
      thread.setDaemon(true);
      thread.start();
    }

    private static ServerSocket bound() {
      try {
        return new ServerSocket(0, 64, InetAddress.getByName("127.0.0.1"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    int port() {
      return server.getLocalPort();
    }

    private void accept() {
      while (!server.isClosed()) {
        try {
          Socket socket = server.accept();
          Thread thread = new Thread(() -> talk(socket), "talking-to-one");
          thread.setDaemon(true);
          thread.start();
        } catch (IOException e) {
          return; // closed
        }
      }
    }

    private void talk(Socket socket) {
      try (socket) {
        head(socket);
        say(socket, SWITCH + name + "\n");
        while (true) {
          say(socket, line(socket) + "\n");
        }
      } catch (IOException e) {
        // the other side has left
      }
    }

    private static final String SWITCH =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

    private static void say(Socket socket, String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Opens a tunnel. */
    static Socket open(int port, String target) throws IOException {
      Socket socket = new Socket("127.0.0.1", port);
      socket.setSoTimeout(20_000);
      say(
          socket,
          "GET %s HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
              .formatted(target));
      assertThat(head(socket)).startsWith("HTTP/1.1 101 ");
      return socket;
    }

    /** What the endpoint of a new tunnel says first. */
    static String greeting(int port, String target) throws IOException {
      try (Socket socket = open(port, target)) {
        return line(socket);
      }
    }

    private static String head(Socket socket) throws IOException {
      StringBuilder head = new StringBuilder();
      for (String line = line(socket); !line.equals("\r"); line = line(socket)) {
        head.append(line).append('\n');
      }
      return head.toString();
    }

    /** The next line, without its line feed. */
    static String line(Socket socket) throws IOException {
      StringBuilder line = new StringBuilder();
      for (int octet = socket.getInputStream().read();
          octet != '\n';
          octet = socket.getInputStream().read()) {
        if (octet < 0) {
          throw new EOFException("closed after: " + line);
        }
        line.append((char) octet);
      }
      return line.toString();
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}
