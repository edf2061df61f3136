package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.pkitesting.X509Bundle;
import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSourceFactory;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * That a certificate source which proves its names to an authority has all that it needs (RFC 8555,
 * RFC 8737): a plugin that does so plays its part, the test plays the authority.
 */
class AcmeTest {

  private final TestCertificates certificates = new TestCertificates();
  private final Proving proving = new Proving();
  private @Nullable Proxy proxy;

  /** Has no certificate before the names are proved, and challenges that the test sets. */
  private static final class Proving implements CertificateSourceFactory {
    final Map<String, String> tokens = new ConcurrentHashMap<>();
    final Map<String, X509Bundle> names = new ConcurrentHashMap<>();
    private CertificateSource.@Nullable Listener listener;

    @Override
    public String type() {
      return "proving";
    }

    void issue(X509Bundle bundle) {
      CertificateSource.Listener to = listener;
      assertThat(to).isNotNull();
      to.onCertificates(List.of(keyed(bundle)));
    }

    private static CertificateSource.KeyedCertificate keyed(X509Bundle bundle) {
      return new CertificateSource.KeyedCertificate(
          bundle.getCertificatePathList(), bundle.getKeyPair().getPrivate(), List.of(), null);
    }

    @Override
    public CertificateSource create(ConfigSection config, PluginContext context) {
      return new CertificateSource() {
        @Override
        public void start(Listener to) {
          listener = to;
        }

        @Override
        public boolean answersChallenges() {
          return true;
        }

        @Override
        public @Nullable KeyedCertificate challenge(String serverName) {
          if (serverName.equals("broken.example.com")) {
            throw new IllegalStateException("broken");
          }
          X509Bundle bundle = names.get(serverName);
          return bundle == null ? null : keyed(bundle);
        }

        @Override
        public @Nullable String httpChallenge(String token) {
          return tokens.get(token);
        }

        @Override
        public void close() {}
      };
    }
  }

  @BeforeEach
  void put() {
    certificates.put("a", certificates.issue("a.example.com"));
  }

  @AfterEach
  void stop() {
    if (proxy != null) {
      proxy.close();
    }
  }

  private Proxy start(String provider) {
    proxy =
        Proxy.start(
            """
            listeners {
              plain { bind = "127.0.0.1:0", middleware = [ failing ] }
              new { bind = "127.0.0.1:0", tls.certificates = [ { type = proving } ] }
              web { bind = "127.0.0.1:0", tls.certificates = [ { name = a } ] }
            }
            routes = [ { respond.body = served } ]
            runtime.tls-provider = %s
            """
                .formatted(provider),
            List.of(certificates, proving));
    return proxy;
  }

  private TlsClient client(String name, String... alpn) {
    return new TlsClient(certificates.authority(), null).serverName(name).alpn(alpn);
  }

  private static String ask(Proxy proxy, String listener, String method, String path) {
    try (RawClient client = proxy.connect(listener)) {
      client.send(method + " " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      return client.ending().text();
    }
  }

  @Test
  void http01IsAnsweredAheadOfMiddlewareOnPlaintextListeners() {
    Proxy at = start("auto");
    proving.tokens.put("evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA", "evaGxf.thumb");
    String path = "/.well-known/acme-challenge/evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA";
    assertThat(ask(at, "plain", "GET", path))
        .startsWith("HTTP/1.1 200 ")
        .contains("Content-Type: application/octet-stream")
        .endsWith("\r\n\r\nevaGxf.thumb");
    assertThat(ask(at, "plain", "HEAD", path)).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n");
    // What is nobody's goes its usual way, which the middleware of this listener ends.
    for (String other :
        List.of(
            "/.well-known/acme-challenge/unknown",
            "/.well-known/acme-challenge/",
            "/.well-known/acme-challenge/a.b",
            "/.well-known/acme-challenge",
            "/")) {
      assertThat(ask(at, "plain", "GET", other)).as(other).startsWith("HTTP/1.1 500 ");
    }
    assertThat(ask(at, "plain", "POST", path)).startsWith("HTTP/1.1 500 ");
    try (RawClient secure = client("a.example.com").open(at.port("web"))) {
      secure.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(secure.read().body()).isEqualTo("served");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "jdk"})
  void tlsAlpn01IsAHandshakeAndNothingElseWhateverListenerItComesTo(String provider)
      throws IOException {
    Proxy at = start(provider);
    proving.names.put("new.example.com", certificates.issue("challenge.example.com"));
    for (String listener : List.of("new", "web")) {
      try (SSLSocket socket = client("NEW.example.com", "acme-tls/1").connect(at.port(listener))) {
        assertThat(TlsClient.subject(socket)).isEqualTo("challenge.example.com");
        assertThat(socket.getApplicationProtocol()).isEqualTo("acme-tls/1");
        assertThat(socket.getInputStream().read()).as("ends cleanly").isEqualTo(-1);
      }
    }
    // Nobody else gets to see it: who offers more, or another name, is a client like any other.
    for (TlsClient other :
        List.of(
            client("new.example.com", "acme-tls/1", "http/1.1"),
            client("new.example.com", "http/1.1"),
            client("new.example.com"),
            client("a.example.com", "acme-tls/1"),
            client("broken.example.com", "acme-tls/1"),
            client(null, "acme-tls/1"))) {
      assertThat(other.subject(at.port("web"))).isEqualTo("a.example.com");
    }
    await()
        .untilAsserted(
            () ->
                assertThat(at.metrics("sluice_downstream_connections"))
                    .isNotEmpty()
                    .allMatch(line -> line.endsWith(" 0.0")));
  }

  @Test
  void theCertificateComesWhenTheNamesAreProved() {
    Proxy at = start("auto");
    assertThatThrownBy(() -> client("new.example.com").connect(at.port("new")))
        .isInstanceOf(IOException.class);
    proving.issue(certificates.issue("new.example.com"));
    assertThat(client("new.example.com").subject(at.port("new"))).isEqualTo("new.example.com");
  }
}
