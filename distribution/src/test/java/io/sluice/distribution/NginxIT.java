package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two real nginx behind the proxy and a real curl before it. */
class NginxIT {

  @TempDir Path folder;

  @Test
  void curlSeesBothNginxInTurnAndKeepsItsBody() throws Exception {
    try (Nginx one = new Nginx(folder, "one");
        Nginx two = new Nginx(folder, "two");
        SluiceProcess sluice = run(one, two)) {
      String url = "http://127.0.0.1:" + sluice.port("web");
      assertThat(List.of(curl(url + "/who"), curl(url + "/who")))
          .containsExactlyInAnyOrder("one\n", "two\n");

      String head = curl("-i", url + "/who");
      assertThat(head).startsWith("HTTP/1.1 200").contains("Server: nginx");

      byte[] big = new byte[3 << 20];
      for (int i = 0; i < big.length; i++) {
        big[i] = (byte) (i * 31 + (i >> 11));
      }
      Files.write(one.root().resolve("big"), big);
      Files.write(two.root().resolve("big"), big);
      Path copy = folder.resolve("copy");
      curl("-o", copy.toString(), url + "/big");
      assertThat(Files.mismatch(copy, one.root().resolve("big"))).isEqualTo(-1);
      assertThat(curl("-r", "1000000-1000003", url + "/big").getBytes(StandardCharsets.ISO_8859_1))
          .hasSizeGreaterThan(3);
    }
  }

  @Test
  void curlNeverNoticesThatOneNginxIsKilled() throws Exception {
    try (Nginx one = new Nginx(folder, "one");
        Nginx two = new Nginx(folder, "two");
        SluiceProcess sluice = run(one, two)) {
      String url = "http://127.0.0.1:" + sluice.port("web") + "/who";
      assertThat(curl(url, url, url, url)).contains("one").contains("two");
      one.kill();
      assertThat(curl(url, url, url, url, url, url)).isEqualTo("two\n".repeat(6));
    }
  }

  @Test
  void wrkGetsNothingButAnswersFromBothNginx() throws Exception {
    try (Nginx one = new Nginx(folder, "one");
        Nginx two = new Nginx(folder, "two");
        SluiceProcess sluice = run(one, two)) {
      String url = "http://127.0.0.1:" + sluice.port("web") + "/who";
      String report = run("wrk", "-t1", "-c32", "-d3s", "--latency", url);
      assertThat(report)
          .containsPattern("[1-9][0-9]* requests in ")
          .doesNotContain("Socket errors")
          .doesNotContain("Non-2xx");
      String metrics = Client.get(sluice.adminPort(), "/metrics").text();
      for (Nginx nginx : List.of(one, two)) {
        assertThat(metrics)
            .containsPattern(
                "sluice_attempts_total\\{endpoint=\"127.0.0.1:%d\",outcome=\"success\",[^}]*} [1-9]"
                    .formatted(nginx.port));
      }
    }
  }

  private SluiceProcess run(Nginx one, Nginx two) {
    return SluiceProcess.run(
        folder,
        """
        listeners.web.bind = "127.0.0.1:0"
        admin.bind = "127.0.0.1:0"
        routes = [ { upstream = app } ]
        upstreams.app {
          endpoints = [ "127.0.0.1:%d", "127.0.0.1:%d" ]
          balancer.type = round-robin
          retry { type = standard, attempts = 2, on = [connect-failure, reset] }
        }
        """
            .formatted(one.port, two.port));
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

  /** One nginx in the foreground with a folder of its own. */
  private static final class Nginx implements AutoCloseable {

    private final int port = Example.freePort();
    private final Path home;
    private final Process process;

    Nginx(Path parent, String name) throws IOException {
      this.home = Files.createDirectories(parent.resolve("nginx-" + name));
      Files.createDirectories(root());
      Files.writeString(root().resolve("who"), name + "\n");
      Path config =
          Files.writeString(
              home.resolve("nginx.conf"),
              """
              daemon off;
              user root;
              worker_processes 1;
              pid %1$s/nginx.pid;
              error_log %1$s/error.log;
              events { worker_connections 256; }
              http {
                access_log off;
                client_body_temp_path %1$s/body;
                proxy_temp_path %1$s/proxy;
                fastcgi_temp_path %1$s/fastcgi;
                uwsgi_temp_path %1$s/uwsgi;
                scgi_temp_path %1$s/scgi;
                server { listen 127.0.0.1:%2$d; root %1$s/root; }
              }
              """
                  .formatted(home, port));
      this.process =
          new ProcessBuilder("nginx", "-p", home.toString(), "-c", config.toString())
              .redirectErrorStream(true)
              .redirectOutput(home.resolve("out.log").toFile())
              .start();
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptionsInstanceOf(UncheckedIOException.class)
          .until(() -> Client.get(port, "/who").status() == 200);
    }

    Path root() {
      return home.resolve("root");
    }

    @Override
    public void close() {
      kill();
    }

    void kill() {
      process.destroy(); // SIGTERM: a fast shutdown, workers included
      try {
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
          throw new AssertionError("nginx still runs");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
