package io.sluice.core.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.pkitesting.X509Bundle;
import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.api.tls.ClientIdentity;
import io.sluice.core.transport.tls.Issued;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes that look at the client's certificate, with clients of the JDK's own TLS. */
class ClientCertificateRoutesTest {

  private static final String GET = "GET /a HTTP/1.1\r\nHost: a.example.com\r\n\r\n";

  private final TestCertificates certificates = new TestCertificates();
  private final X509Bundle people = Issued.authority("CN=People,O=Example");
  private Path authority;
  private final List<ClientIdentity> seen = new CopyOnWriteArrayList<>();
  private Proxy proxy;

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    authority = Files.writeString(folder.resolve("people.pem"), people.getRootCertificatePEM());
    certificates.put("a", certificates.issue("a.example.com"));
  }

  @AfterEach
  void stop() {
    if (proxy != null) {
      proxy.close();
    }
  }

  private void start(String conditions) {
    start(conditions, "");
  }

  private void start(String conditions, String more) {
    StringBuilder routes = new StringBuilder();
    for (String condition : conditions.strip().split("\n")) {
      String name = condition.strip().substring(0, condition.strip().indexOf(' '));
      String match = condition.strip().substring(name.length());
      routes
          .append("{ middleware = [ watching ], match.client-cert = ")
          .append(match)
          .append(", respond.body = ")
          .append(name)
          .append(" }\n");
    }
    proxy =
        Proxy.start(
            """
            listeners.web { bind = "127.0.0.1:0", tls { certificates = [ { name = a } ]
              client-auth = optional, client-ca = "%s", reload = 100ms } }
            routes = [ %s { respond.body = other } ]
            """
                    .formatted(authority, routes)
                + more,
            List.of(certificates, new Watching()));
  }

  /** Keeps who clients are. */
  private final class Watching implements MiddlewareFactory, Middleware {
    @Override
    public String type() {
      return "watching";
    }

    @Override
    public Middleware create(ConfigSection config, PluginContext context) {
      return this;
    }

    @Override
    public boolean safeWithoutConfig() {
      return true;
    }

    @Override
    public Flow onRequest(Exchange exchange) {
      ClientIdentity client = exchange.clientIdentity();
      X509Certificate shown = exchange.clientCertificate();
      assertThat(shown).isSameAs(client == null ? null : client.certificate());
      seen.add(client);
      return Flow.CONTINUE;
    }
  }

  private TlsClient client(String... names) {
    return new TlsClient(
        certificates.authority(), names.length == 0 ? null : Issued.by(people, names));
  }

  private String answer(TlsClient client) {
    try (SSLSocket socket = client.connect(proxy.port("web"))) {
      socket.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
      return new RawClient(socket).read().body();
    } catch (IOException | UncheckedIOException e) { // with TLS 1.3 the refusal may come late
      return "refused";
    }
  }

  @Test
  void aCertificateOrNoneDecides() {
    start("nobody none\nsomebody any");
    assertThat(answer(client())).isEqualTo("nobody");
    assertThat(answer(client("alice"))).isEqualTo("somebody");
  }

  @Test
  void theAdminApiExplainsWhereACertificateLeads() throws Exception {
    start("alice { common-name = alice }");
    String url = "/explain?url=https%3A%2F%2Fa.example.com%2Fa";
    String pem = Issued.by(people, "alice").getCertificatePathPEM();
    assertThat(proxy.admin(url))
        .contains("\"route\":\"default#2\"", "the client shows no certificate");
    assertThat(proxy.admin(url + "&client-cert=" + URLEncoder.encode(pem, UTF_8)))
        .contains("\"route\":\"default\"", "CN=alice");
  }

  @Test
  void whatTheCertificateSaysDecides() {
    start(
        """
        issued { issuer = "CN=Somebody Else" }
        alice { common-name = alice, issuer = "cn = people ,  o = example" }
        bob { subject = "CN=bob" }
        web { san = "*.web.example.com" }
        exact { san = ["dns:carol.example.com", "uri:spiffe://x/y"] }
        prefix { common-name = "dave-*" }
        """);
    assertThat(answer(client("alice"))).isEqualTo("alice");
    assertThat(answer(client("bob"))).isEqualTo("bob");
    assertThat(answer(client("x", "one.WEB.example.com"))).isEqualTo("web");
    assertThat(answer(client("x", "web.example.com"))).isEqualTo("other");
    assertThat(answer(client("x", "carol.example.com"))).isEqualTo("exact");
    assertThat(answer(client("x", "not-carol.example.com"))).isEqualTo("other");
    assertThat(answer(client("dave-7"))).isEqualTo("prefix");
    assertThat(answer(client("dave"))).isEqualTo("other");
    assertThat(answer(client())).isEqualTo("other");
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "jdk"})
  void whoTheClientIsBelongsToTheConnectionInEveryVersionOfHttp(String provider)
      throws IOException {
    start("alice { common-name = alice }", "runtime.tls-provider = " + provider);
    X509Bundle between = Issued.authority("CN=Between", people);
    X509Bundle identity = Issued.by(between, "alice");
    TlsClient alice = new TlsClient(certificates.authority(), identity);
    try (RawClient client = alice.open(proxy.port("web"))) {
      client.send(GET + GET);
      assertThat(client.read().body()).isEqualTo("alice");
      assertThat(client.read().body()).isEqualTo("alice");
    }
    try (Http2Client client = new Http2Client(alice.alpn("h2").connect(proxy.port("web")))) {
      client.begin().get(1, "/a").get(3, "/a");
      assertThat(client.response(1).body()).isEqualTo("alice");
      assertThat(client.response(3).body()).isEqualTo("alice");
    }
    assertThat(seen).hasSize(4);
    assertThat(seen.get(1)).isSameAs(seen.get(0));
    assertThat(seen.get(3)).isSameAs(seen.get(2)).isNotSameAs(seen.get(0));
    assertThat(seen)
        .allSatisfy(
            each -> {
              assertThat(each.certificate()).isEqualTo(identity.getCertificate());
              assertThat(each.issuers()).containsExactly(between.getCertificate());
            });
  }

  @ParameterizedTest
  @CsvSource({"auto, TLSv1.2", "auto, TLSv1.3", "jdk, TLSv1.2", "jdk, TLSv1.3"})
  void aResumedSessionIsTheSameClient(String provider, String version) throws IOException {
    start("alice { common-name = alice }", "runtime.tls-provider = " + provider);
    TlsClient alice = client("alice").protocols(version);
    long made;
    try (SSLSocket socket = alice.connect(proxy.port("web"))) {
      made = socket.getSession().getCreationTime();
      socket.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
      assertThat(new RawClient(socket).read().body()).isEqualTo("alice");
    }
    await().until(() -> System.currentTimeMillis() > made + 1); // else nothing tells them apart
    try (SSLSocket again = alice.connect(proxy.port("web"))) {
      assertThat(again.getSession().getCreationTime()).isEqualTo(made);
      again.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
      assertThat(new RawClient(again).read().body()).isEqualTo("alice");
    }
    assertThat(seen.get(1).certificate()).isEqualTo(seen.get(0).certificate());
  }

  @ParameterizedTest
  @CsvSource({"auto, TLSv1.2", "auto, TLSv1.3", "jdk, TLSv1.2", "jdk, TLSv1.3"})
  void authoritiesThatChangeInTheirFileDecideWhoComesFromThenOn(String provider, String version)
      throws IOException {
    start("alice { common-name = alice }", "runtime.tls-provider = " + provider);
    TlsClient alice = client("alice").protocols(version);
    X509Bundle others = Issued.authority("CN=Others");
    SSLSocket open = alice.connect(proxy.port("web"));
    RawClient before = new RawClient(open);
    open.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
    assertThat(before.read().body()).isEqualTo("alice");
    Files.writeString(authority, others.getRootCertificatePEM());
    TlsClient newcomer = new TlsClient(certificates.authority(), Issued.by(others, "alice"));
    await().atMost(Duration.ofSeconds(20)).until(() -> answer(newcomer).equals("alice"));
    // Neither anew nor by the ticket that she has: the JDK would rather show none than one of
    // an authority that the server did not name.
    assertThat(answer(alice)).isIn("other", "refused");
    open.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
    assertThat(before.read().status()).isEqualTo(421);
    before.close();
  }
}
