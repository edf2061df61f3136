package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.distribution.ScriptedEndpoint.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of {@code conf/examples} whose routes or endpoints change while they run. */
class OperationExamplesIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path folder;

  // --- ordered-routes.conf
  // ------------------------------------------------------------------------

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

  // --- discovery-*.conf
  // ---------------------------------------------------------------------------

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

  @Test
  void thatOfKubernetesIsAccepted() {
    Command check =
        Command.sluice("check", Installation.example("discovery-kubernetes.conf").toString());
    assertThat(check.exitCode()).as(check.text()).isZero();
  }
}
