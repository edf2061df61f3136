package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said about candidate endpoints, with and without a running platform. */
class ExplainTest {

  private static final String CONFIG =
      Running.COMMON
          + """
          upstreams.app {
            endpoints = [
              "127.0.0.1:1"
              { address = "127.0.0.1:2", weight = 3, zone = b }
              { address = "127.0.0.1:3", backup = true }
            ]
            slow-start { window = 1h, floor = 1%, aggression = 10 }
          }
          routes = [ { name = all, upstream = app } ]
          """;

  @TempDir Path home;

  @Test
  void aFileAloneTellsPriorityZoneAndWeight() throws Exception {
    Files.writeString(home.resolve("sluice.conf"), CONFIG);
    List<String> report =
        Platform.explain(
            home.resolve("sluice.conf"),
            new PlatformOptions(
                Map.of(), home, "test", "test", level -> {}, Running.basicPlugins()),
            new ExplainRequest("GET", "http://users.com/x", List.of(), List.of()));
    assertThat(report)
        .contains(
            "  endpoint   127.0.0.1:1 gets GET /x",
            "  endpoint   127.0.0.1:2 gets GET /x (zone b, weight 3)",
            "  endpoint   127.0.0.1:3 gets GET /x (priority 1)");
  }

  @Test
  void aRunningPlatformTellsTheirStateToo() throws Exception {
    try (Running running = Running.start(home, CONFIG)) {
      AdminCaller admin = new AdminCaller(running);
      admin.post("127.0.0.1:3", "disable");
      admin.post("127.0.0.1:2", "drain");
      String url = URLEncoder.encode("http://users.com/x", StandardCharsets.UTF_8);
      String call = "/explain?method=GET&url=" + url;
      assertThat(admin.get(call))
          .contains("127.0.0.1:2 gets GET /x (zone b, weight 3, draining)")
          .contains("127.0.0.1:3 gets GET /x (priority 1, disabled)");

      admin.post("127.0.0.1:2", "enable");
      await()
          .untilAsserted(
              () ->
                  assertThat(admin.get(call))
                      .containsPattern(
                          "127.0.0.1:2 gets GET /x \\(zone b, weight 3, slow start at \\d+%\\)"));
      assertThat(admin.get("/upstreams"))
          .containsPattern("\"weight\":3,\"effectiveWeight\":[0-2]\\.\\d+,\"zone\":\"b\"");
    }
  }
}
