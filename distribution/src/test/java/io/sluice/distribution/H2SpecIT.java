package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every case of h2spec (RFC 7540, RFC 7541) against the unpacked zip. The endpoint reads a request
 * to its end before it answers, lest a stream be over before its case is, and answers more than the
 * five octets without which h2spec skips cases.
 */
class H2SpecIT {

  static final String VERSION = "2.2.1+incompatible";

  private static final GoProgram H2SPEC =
      new GoProgram(
          "h2spec",
          List.of("h2spec"),
          "github.com/summerwind/h2spec/cmd/h2spec",
          VERSION,
          "Version: ");
  private static final String ALL = "145 tests, 145 passed, 0 skipped, 0 failed";

  @TempDir Path folder;

  @Test
  void passesEveryCaseInPlaintextAndOverTls() throws Exception {
    OpenSsl.certificate(folder, "site", "localhost");
    try (ScriptedEndpoint endpoint = ScriptedEndpoint.named("hello");
        SluiceProcess sluice =
            SluiceProcess.run(
                folder,
                """
                listeners.plain { bind = "127.0.0.1:0", http2 = only }
                listeners.secure {
                  bind = "127.0.0.1:0"
                  tls.certificates = [ { certificate = "site.pem", key = "site.key" } ]
                }
                upstreams.app.endpoints = ["127.0.0.1:%d"]
                routes = [ { upstream = app } ]
                access-log = off
                admin.bind = "127.0.0.1:0"
                """
                    .formatted(endpoint.port()))) {
      assertThat(h2spec(sluice.port("plain"))).contains(ALL);
      assertThat(h2spec(sluice.port("secure"), "-t", "-k")).contains(ALL);
    }
  }

  private String h2spec(int port, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(H2SPEC.find().toString(), "-h", "127.0.0.1", "-p", "" + port, "-o", "5"));
    command.addAll(List.of(more));
    return Peers.tryRun(folder, command.toArray(String[]::new));
  }
}
