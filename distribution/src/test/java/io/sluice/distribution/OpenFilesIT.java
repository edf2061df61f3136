package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that has no open files left. */
class OpenFilesIT {

  private static final int FILES = 400;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost"})
  void requestsFailAtOnceAndWorkAgainWhenFilesAreFree(String host) throws IOException {
    try (ScriptedEndpoint endpoint = ScriptedEndpoint.named("here");
        SluiceProcess sluice =
            SluiceProcess.runWithOpenFiles(
                FILES,
                SluiceProcess.write(
                    folder,
                    """
                    listeners.web.bind = "127.0.0.1:0"
                    admin.bind = "127.0.0.1:0"
                    access-log = off
                    upstreams.app { endpoints = ["%s:%d"], retry = off }
                    routes = [ { upstream = app } ]
                    """
                        .formatted(host, endpoint.port())));
        Client client = new Client(sluice.port("web"))) {
      List<Socket> crowd = new ArrayList<>();
      try {
        for (int i = 0; i < FILES; i++) {
          crowd.add(new Socket("127.0.0.1", sluice.port("web")));
        }
        await()
            .atMost(Duration.ofSeconds(30))
            .until(
                () ->
                    sluice.err().stream()
                        .anyMatch(line -> line.contains("listener web: cannot take connections")));
        assertThat(client.exchange("GET", "/", List.of(), "").status()).isEqualTo(502);
        assertThat(client.exchange("GET", "/", List.of(), "").status()).isEqualTo(502);
      } finally {
        for (Socket each : crowd) {
          each.close();
        }
      }
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(client.exchange("GET", "/", List.of(), "").text()).isEqualTo("here"));
      assertThat(sluice.err()).noneMatch(line -> line.startsWith("\tat "));
    }
  }
}
