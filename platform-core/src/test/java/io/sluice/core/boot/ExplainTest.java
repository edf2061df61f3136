package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.sluice.api.PluginContext;
import io.sluice.api.PluginFactory;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSourceFactory;
import io.sluice.core.transport.tls.Issued;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
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

  // ---- clients with certificates ----

  /** Has no certificate, and needs none where nothing is served. */
  private static final class Empty implements CertificateSourceFactory {
    @Override
    public String type() {
      return "file";
    }

    @Override
    public CertificateSource create(ConfigSection config, PluginContext context) {
      return new CertificateSource() {
        @Override
        public void start(Listener listener) {}

        @Override
        public void close() {}
      };
    }
  }

  private static final class Idle implements MiddlewareFactory, Middleware {
    @Override
    public String type() {
      return "idle";
    }

    @Override
    public Middleware create(ConfigSection config, PluginContext context) {
      return this;
    }

    @Override
    public boolean safeWithoutConfig() {
      return true;
    }
  }

  private List<String> explained(String config, X509Certificate... shown) throws Exception {
    Path file = Files.writeString(home.resolve("sluice.conf"), config);
    List<PluginFactory<?>> plugins = new ArrayList<>(Running.basicPlugins());
    plugins.addAll(List.of(new Empty(), new Idle()));
    return Platform.explain(
        file,
        new PlatformOptions(Map.of(), home, "test", "test", level -> {}, plugins),
        new ExplainRequest("GET", "https://a.example/", List.of(), List.of(shown)));
  }

  private static X509Certificate alice(X509Bundle by) {
    return Issued.by(by, "alice").getCertificate();
  }

  private static final String ROUTES =
      """
      routes = [
        { name = hers, match.client-cert { common-name = alice }, respond.body = hers }
        { name = other, respond.body = other }
      ]
      access-log = off
      """;

  @Test
  void aCertificateIsShownToTheListenerThatAsksForIt() throws Exception {
    X509Bundle people = Issued.authority("CN=People");
    Files.writeString(home.resolve("people.pem"), people.getCertificatePEM());
    String config =
        """
        listeners {
          plain.bind = "127.0.0.1:0"
          secure { bind = "127.0.0.1:0", middleware = [ idle ]
            tls { certificates = [ {} ], client-auth = optional, client-ca = people.pem } }
        }
        """
            + ROUTES;
    assertThat(explained(config))
        .contains(
            "listener     plain",
            "not          hers: the client shows no certificate",
            "route        other",
            "middleware   (none)");
    assertThat(explained(config, alice(people)))
        .contains(
            "listener     secure",
            "client       CN=alice",
            "route        hers",
            "middleware   middleware.idle");
    assertThat(explained(config, alice(Issued.authority("CN=People"))))
        .anyMatch(line -> line.startsWith("client       refused, the handshake fails: "))
        .noneMatch(line -> line.startsWith("route"));
  }

  @Test
  void aCertificateIsVerifiedAsTheListenerDoesIt() throws Exception {
    X509Bundle people = Issued.authority("CN=People");
    X509Bundle expired = Issued.expired("alice");
    Files.writeString(
        home.resolve("people.pem"), people.getCertificatePEM() + expired.getCertificatePEM());
    String config =
        """
        listeners.secure { bind = "127.0.0.1:0"
          tls { certificates = [ {} ], client-auth = required, client-ca = people.pem } }
        """
            + ROUTES;
    X509Certificate server =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=alice")
            .addExtendedKeyUsageServerAuth()
            .buildIssuedBy(people)
            .getCertificate();
    assertThat(explained(config, server))
        .contains(
            "client       refused, the handshake fails: Extended key usage does not permit use for"
                + " TLS client authentication");
    assertThat(explained(config, expired.getCertificate()))
        .anyMatch(
            line ->
                line.startsWith(
                    "client       refused, the handshake fails: the certificate expired (NotAfter: "))
        .noneMatch(line -> line.startsWith("route"));
  }

  @Test
  void aRouteAsksForNoCertificateThatNobodyCanShow() {
    String config = "listeners.plain.bind = \"127.0.0.1:0\"\n" + ROUTES;
    assertThatThrownBy(() -> explained(config))
        .isInstanceOfSatisfying(
            ConfigInvalid.class,
            refused ->
                assertThat(refused.problems())
                    .singleElement()
                    .asString()
                    .contains("sluice.conf:3: routes[0].match.client-cert: ")
                    .contains("no listener asks clients for certificates"));
  }

  @Test
  void aCertificateForNobodyIsAMistake() {
    String config =
        "listeners.plain.bind = \"127.0.0.1:0\"\nroutes = [ { respond.body = a } ]\naccess-log = off\n";
    assertThatThrownBy(() -> explained(config, alice(Issued.authority("CN=People"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no listener asks clients for certificates");
  }
}
