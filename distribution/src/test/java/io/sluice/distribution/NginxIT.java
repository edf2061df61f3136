package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two real nginx behind the proxy and a real curl before it. */
class NginxIT {

  @TempDir Path folder;

  private final Nginx.Endpoint one = new Nginx.Endpoint("one");
  private final Nginx.Endpoint two = new Nginx.Endpoint("two");
  private Nginx first;
  private Nginx second;

  @BeforeEach
  void start() {
    first = Nginx.start(folder, "one", one);
    second = Nginx.start(folder, "two", two);
  }

  @AfterEach
  void stop() {
    first.close();
    second.close();
  }

  @Test
  void curlSeesBothNginxInTurnAndKeepsItsBody() throws Exception {
    try (SluiceProcess sluice = run()) {
      String url = "http://127.0.0.1:" + sluice.port("web");
      assertThat(List.of(curl(url + "/who"), curl(url + "/who")))
          .containsExactlyInAnyOrder("one\n", "two\n");

      String head = curl("-i", url + "/who");
      assertThat(head).startsWith("HTTP/1.1 200").contains("Server: nginx");

      byte[] big = new byte[3 << 20];
      for (int i = 0; i < big.length; i++) {
        big[i] = (byte) (i * 31 + (i >> 11));
      }
      Files.write(first.root("one").resolve("big"), big);
      Files.write(second.root("two").resolve("big"), big);
      Path copy = folder.resolve("copy");
      curl("-o", copy.toString(), url + "/big");
      assertThat(Files.mismatch(copy, first.root("one").resolve("big"))).isEqualTo(-1);
      assertThat(curl("-r", "1000000-1000003", url + "/big").getBytes(StandardCharsets.ISO_8859_1))
          .hasSizeGreaterThan(3);
    }
  }

  @Test
  void curlNeverNoticesThatOneNginxIsKilled() throws Exception {
    try (SluiceProcess sluice = run()) {
      String url = "http://127.0.0.1:" + sluice.port("web") + "/who";
      assertThat(curl(url, url, url, url)).contains("one").contains("two");
      first.stop();
      assertThat(curl(url, url, url, url, url, url)).isEqualTo("two\n".repeat(6));
    }
  }

  @Test
  void wrkGetsNothingButAnswersFromBothNginx() throws Exception {
    try (SluiceProcess sluice = run()) {
      String url = "http://127.0.0.1:" + sluice.port("web") + "/who";
      String report = run("wrk", "-t1", "-c32", "-d3s", "--latency", url);
      assertThat(report)
          .containsPattern("[1-9][0-9]* requests in ")
          .doesNotContain("Socket errors")
          .doesNotContain("Non-2xx");
      String metrics = Client.get(sluice.adminPort(), "/metrics").text();
      for (Nginx.Endpoint endpoint : List.of(one, two)) {
        assertThat(metrics)
            .containsPattern(
                "sluice_attempts_total\\{endpoint=\"%s\",outcome=\"success\",[^}]*} [1-9]"
                    .formatted(endpoint.address()));
      }
    }
  }

  private SluiceProcess run() {
    return SluiceProcess.run(
        folder,
        """
        listeners.web.bind = "127.0.0.1:0"
        admin.bind = "127.0.0.1:0"
        routes = [ { upstream = app } ]
        upstreams.app {
          endpoints = [ "%s", "%s" ]
          balancer.type = round-robin
          retry { type = standard, attempts = 2, on = [connect-failure, reset] }
        }
        """
            .formatted(one.address(), two.address()));
  }

  private static String curl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "--fail", "--noproxy", "*"));
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    assertThat(process.waitFor()).as(command[0] + ": " + text).isZero();
    return text;
  }
}
