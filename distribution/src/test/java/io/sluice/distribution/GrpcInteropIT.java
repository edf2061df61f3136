package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
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
