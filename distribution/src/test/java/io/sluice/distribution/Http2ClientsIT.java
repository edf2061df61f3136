package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP/2 as the zip speaks it to programs of others: curl, nghttp and h2load. */
class Http2ClientsIT {

  private static final String CONFIG =
      """
      listeners.plain.bind = "127.0.0.1:0"
      listeners.old { bind = "127.0.0.1:0", http2 = off }
      listeners.secure {
        bind = "127.0.0.1:0"
        tls.certificates = [ { certificate = "site.pem", key = "site.key" } ]
      }
      upstreams.app.endpoints = ["127.0.0.1:%d"]
      upstreams.calls { protocol = http2, endpoints = ["127.0.0.1:%d"] }
      routes = [ { match.path-prefix = "/h2", upstream = calls }, { upstream = app } ]
      access-log = off
      admin.bind = "127.0.0.1:0"
      """;

  /** The second Sluice, which the first speaks HTTP/2 to. */
  private static final String INNER =
      """
      listeners.web { bind = "127.0.0.1:0", http2 = only }
      routes = [ { respond { status = 200, body = "by HTTP/2 all the way" } } ]
      access-log = off
      admin.bind = "127.0.0.1:0"
      """;

  @TempDir Path folder;

  private interface Check {
    void run(SluiceProcess sluice, ScriptedEndpoint endpoint) throws Exception;
  }

  private void with(Check check) throws Exception {
    OpenSsl.certificate(folder, "site", "localhost");
    try (ScriptedEndpoint endpoint = ScriptedEndpoint.named("hello");
        SluiceProcess inner =
            SluiceProcess.run(Files.createDirectory(folder.resolve("inner")), INNER);
        SluiceProcess sluice =
            SluiceProcess.run(folder, CONFIG.formatted(endpoint.port(), inner.port("web")))) {
      check.run(sluice, endpoint);
    }
  }

  private String curl(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "curl", "-sS", "--max-time", "30", "-k", "-w", "\n%{http_version} %{http_code}"));
    command.addAll(List.of(arguments));
    return Peers.tryRun(folder, command.toArray(String[]::new));
  }

  @Test
  void curlAgreesOnHttp2OverTlsAndBeginsWithItInPlaintext() throws Exception {
    with(
        (sluice, endpoint) -> {
          String secure = "https://localhost:" + sluice.port("secure");
          String plain = "http://localhost:" + sluice.port("plain");
          assertThat(curl(secure + "/a")).isEqualTo("hello\n2 200"); // by ALPN, unasked
          assertThat(curl("--http1.1", secure + "/a")).isEqualTo("hello\n1.1 200");
          assertThat(curl("--http2-prior-knowledge", plain + "/a")).isEqualTo("hello\n2 200");
          // the upgrade by h2c was taken out of the standard: it goes on as HTTP/1.1
          assertThat(curl("--http2", plain + "/a")).isEqualTo("hello\n1.1 200");
          assertThat(curl("--http2-prior-knowledge", plain + "/h2"))
              .isEqualTo("by HTTP/2 all the way\n2 200");
          assertThat(curl(plain + "/h2")).isEqualTo("by HTTP/2 all the way\n1.1 200");
          assertThat(curl("-I", secure + "/head")).startsWith("HTTP/2 200").endsWith("\n2 200");
          assertThat(
                  curl("--http2-prior-knowledge", "http://localhost:" + sluice.port("old") + "/a"))
              .contains("curl: (");
        });
  }

  @Test
  void curlUploadsMoreThanAnyWindow() throws Exception {
    with(
        (sluice, endpoint) -> {
          Path large = Files.write(folder.resolve("large"), new byte[5 * 1024 * 1024]);
          String secure = "https://localhost:" + sluice.port("secure") + "/upload";
          for (String length : List.of("", "Transfer-Encoding: chunked")) {
            assertThat(curl("--data-binary", "@" + large, "-H", length, secure))
                .isEqualTo("hello\n2 200");
          }
          String two = curl("--parallel", secure + "?1", secure + "?2", "-o", "/dev/null");
          assertThat(two).contains("2 200");
        });
  }

  @Test
  void nghttpReadsEveryFrame() throws Exception {
    with(
        (sluice, endpoint) -> {
          String secure = "https://localhost:" + sluice.port("secure") + "/";
          String seen = Peers.run(folder, "nghttp", "-v", "-n", "-y", secure);
          assertThat(seen)
              .contains("The negotiated protocol: h2")
              .contains(":status: 200")
              .contains("recv SETTINGS frame")
              .contains("END_STREAM")
              .doesNotContain("[ERROR]");
          // many at once, of different weight, with trailers of the request
          String many =
              Peers.run(
                  folder,
                  "nghttp",
                  "-s",
                  "-n",
                  "-m",
                  "50",
                  "--trailer",
                  "x-sum: 1",
                  "-d",
                  Files.writeString(folder.resolve("body"), "content").toString(),
                  "http://localhost:" + sluice.port("plain") + "/many");
          assertThat(many.lines().filter(line -> line.contains(" 200 ") && line.contains("/many")))
              .hasSize(50);
        });
  }

  @Test
  void h2loadHasNoFailure() throws Exception {
    with(
        (sluice, endpoint) -> {
          for (String url :
              List.of(
                  "https://localhost:" + sluice.port("secure") + "/",
                  "http://localhost:" + sluice.port("plain") + "/h2")) {
            assertThat(Peers.run(folder, "h2load", "-n500", "-c4", "-m20", url))
                .contains("500 succeeded, 0 failed, 0 errored, 0 timeout")
                .contains("status codes: 500 2xx, 0 3xx, 0 4xx, 0 5xx");
          }
        });
  }
}
