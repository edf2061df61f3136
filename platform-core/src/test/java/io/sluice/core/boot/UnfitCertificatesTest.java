package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.sluice.api.PluginContext;
import io.sluice.api.PluginFactory;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSourceFactory;
import io.sluice.core.transport.tls.Issued;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnfitCertificatesTest {

  @TempDir Path home;

  /** Has a certificate with a key of DSA at hand, which no handshake could present. */
  private static final class Unfit implements CertificateSourceFactory {
    @Override
    public String type() {
      return "file";
    }

    @Override
    public CertificateSource create(ConfigSection config, PluginContext context) {
      config.string("certificate").describe("which").optional();
      return new CertificateSource() {
        @Override
        public List<KeyedCertificate> atHand() {
          return List.of(unfit());
        }

        @Override
        public void start(Listener listener) {}

        @Override
        public void close() {}
      };
    }
  }

  private static CertificateSource.KeyedCertificate unfit() {
    X509Bundle authority = Issued.authority("CN=Authority");
    try {
      X509Bundle made =
          new CertificateBuilder()
              .subject("CN=a.example.com")
              .publicKey(KeyPairGenerator.getInstance("DSA").generateKeyPair().getPublic())
              .buildIssuedBy(authority);
      return new CertificateSource.KeyedCertificate(
          List.of(made.getCertificate()), authority.getKeyPair().getPrivate(), List.of(), null);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void areRefusedAtTheirLines() throws Exception {
    Path file =
        Files.writeString(
            home.resolve("sluice.conf"),
            """
            runtime.tls-provider = jdk
            listeners.web { bind = "127.0.0.1:0", tls.certificates = [
              { certificate = a } ] }
            upstreams.app { endpoints = [ "127.0.0.1:1" ]
              tls.certificate = b }
            routes = [ { upstream = app } ]
            access-log = off
            """);
    List<PluginFactory<?>> plugins = new ArrayList<>(Running.basicPlugins());
    plugins.add(new Unfit());
    List<String> problems =
        Platform.check(
            file, new PlatformOptions(Map.of(), home, "test", "test", level -> {}, plugins));
    String unfit =
        ": the key of CN=a.example.com is of DSA, which TLS cannot sign with (expected: a key of"
            + " RSA with 1024 bits or more, of EC on P-256, P-384 or P-521, or of Ed25519)";
    assertThat(problems)
        .containsExactly(
            file + ":3: listeners.web.tls.certificates[0].certificate" + unfit,
            file + ":5: upstreams.app.tls.certificate" + unfit);
  }
}
