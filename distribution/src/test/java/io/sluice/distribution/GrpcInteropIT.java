package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The official interop client and server of gRPC, with the unpacked zip between them. */
class GrpcInteropIT {

  /** How many of the cases the server answers as the client wants them, without a proxy. */
  private static final int PASS_DIRECT = 22;

  @TempDir Path folder;

  @Test
  void whatPassesDirectPassesThroughSluiceInPlaintext() throws Exception {
    check(
        false,
        """
        listeners.grpc.bind = "127.0.0.1:0"
        upstreams.app { protocol = http2, endpoints = ["127.0.0.1:%d"] }
        """);
  }

  @Test
  void whatPassesDirectPassesThroughSluiceOverTls() throws Exception {
    for (String file : new String[] {"ca.pem", "server1.pem", "server1.key"}) {
      GrpcPeer.certificate(file, folder);
    }
    check(
        true,
        """
        listeners.grpc {
          bind = "127.0.0.1:0"
          tls.certificates = [{ certificate = "server1.pem", key = "server1.key" }]
        }
        upstreams.app {
          protocol = http2
          endpoints = ["127.0.0.1:%d"]
          tls { ca = "ca.pem", server-name = "foo.test.google.fr" }
        }
        """);
  }

  @Test
  void theExampleRoutesByServiceAndChecksByGrpc() throws Exception {
    try (GrpcPeer peer = GrpcPeer.start(folder, false);
        SluiceProcess sluice =
            Example.shipped("grpc.conf")
                .port(9001, peer.port())
                .port(9002, Example.freePort())
                .port(9003, peer.port())
                .replace("interval = 5s", "interval = 200ms")
                .run(folder)) {
      // The interop server knows neither service, and says so itself.
      assertThat(call(sluice, "/shop.Users/Get"))
          .contains("grpc-status: 12", "shop.Users/Get")
          .doesNotContain("proxy-status");
      assertThat(call(sluice, "/shop.Bills/Pay"))
          .contains("grpc-status: 12", "proxy-status: sluice; error=destination_not_found");
      // Nor has it the health service, and port 9002 nobody: no endpoint is well.
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(call(sluice, "/shop.Orders/List"))
                      .contains(
                          "grpc-status: 14",
                          "proxy-status: sluice; error=destination_unavailable"));
    }
  }

  /** The header fields that answer an empty call. */
  private String call(SluiceProcess sluice, String path) throws Exception {
    return Peers.run(
        folder,
        "curl",
        "-sS",
        "--noproxy",
        "*",
        "--http2-prior-knowledge",
        "-D",
        "-",
        "-o",
        "/dev/null",
        "-H",
        "content-type: application/grpc",
        "-H",
        "te: trailers",
        "--data-binary",
        "@/dev/null",
        "http://127.0.0.1:" + sluice.port("grpc") + path);
  }

  private void check(boolean tls, String config) throws IOException, InterruptedException {
    String rest =
        """
        routes = [ { upstream = app } ]
        admin.bind = "127.0.0.1:0"
        access-log = off
        """;
    try (GrpcPeer peer = GrpcPeer.start(folder, tls);
        SluiceProcess sluice = SluiceProcess.run(folder, config.formatted(peer.port()) + rest)) {
      Map<String, String> direct = peer.cases(peer.port());
      Map<String, String> through = peer.cases(sluice.port("grpc"));
      direct.values().removeIf(result -> !result.equals("passed"));
      assertThat(direct).hasSize(PASS_DIRECT);
      Map<String, String> failed = new LinkedHashMap<>(through);
      failed.keySet().retainAll(direct.keySet());
      failed.values().removeIf(result -> result.equals("passed"));
      assertThat(failed).isEmpty();
    }
  }
}
