package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of {@code conf/examples} that say who serves what, before real endpoints. */
class RoutingExamplesIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path folder;

  // --- path-pools.conf
  // ----------------------------------------------------------------------------

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

  // --- sticky.conf
  // --------------------------------------------------------------------------------

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

  // --- hosts.conf
  // ---------------------------------------------------------------------------------

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

  // --- sticky-hash.conf
  // ---------------------------------------------------------------------------

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
}
