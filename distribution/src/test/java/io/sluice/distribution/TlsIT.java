package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TLS as the zip serves it, with the real openssl and curl at the other end. */
class TlsIT {

  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir Path folder;

  @Test
  void theExampleServesTwoCertificatesAndRedirectsPlainHttp() {
    Path certs = folder.resolve("certs");
    OpenSsl.certificate(certs, "example.com", "example.com");
    OpenSsl.certificate(certs, "example.org", "*.example.org");
    try (ScriptedEndpoint shop = ScriptedEndpoint.named("shop");
        ScriptedEndpoint blog = ScriptedEndpoint.named("blog");
        SluiceProcess sluice =
            Example.shipped("tls.conf")
                .replace("\":8443\"", "\"127.0.0.1:0\"")
                .endpoint(9001, shop)
                .endpoint(9002, blog)
                .run(folder)) {
      int secure = sluice.port("secure");
      assertThat(OpenSsl.curl(certs.resolve("example.com.pem"), "example.com", secure, "/a"))
          .startsWith("HTTP/2 200")
          .endsWith("shop");
      assertThat(OpenSsl.curl(certs.resolve("example.org.pem"), "www.example.org", secure, "/a"))
          .startsWith("HTTP/2 200")
          .endsWith("blog");
      assertThat(OpenSsl.curl(certs.resolve("example.org.pem"), "example.com", secure, "/a"))
          .contains("curl: (60)");
      assertThat(shop.received().get(0).header("X-Forwarded-Proto")).isEqualTo("https");
      Wire.Message redirect = Client.get(sluice.port("web"), "/x?y=1", "Host: example.com:8080");
      assertThat(redirect.status()).isEqualTo(308);
      assertThat(redirect.header("Location")).isEqualTo("https://example.com:8443/x?y=1");
    }
  }

  @Test
  void tcpConnectionsAreOpenedOnOneSideAndSealedOnTheOther() throws Exception {
    Path certs = folder.resolve("certs");
    OpenSsl.certificate(certs, "db", "db.example.com");
    try (ScriptedEndpoint db = ScriptedEndpoint.named("row");
        Peers.Server cache = Peers.tls(folder, "cache.internal")) {
      Files.copy(folder.resolve("cache.internal.pem"), certs.resolve("cache-ca.pem"));
      try (SluiceProcess sluice =
          Example.shipped("tcp-tls.conf")
              .replace("\":5433\"", "\"127.0.0.1:0\"")
              .replace("\"127.0.0.1:6380\"", "\"127.0.0.1:0\"")
              .endpoint(9004, db)
              .port(9005, cache.port())
              .run(folder)) {
        assertThat(
                OpenSsl.curl(certs.resolve("db.pem"), "db.example.com", sluice.port("db"), "/row"))
            .startsWith("HTTP/1.1 200")
            .endsWith("row");
        assertThat(Client.get(sluice.port("cache"), "/").text()).contains("Protocol  : TLSv1.3");
      }
    }
  }

  @Test
  void aCertificateOfOurOwnIsForItsNamesAndIsWarnedOf() throws Exception {
    try (ScriptedEndpoint app = ScriptedEndpoint.named("app");
        SluiceProcess sluice =
            Example.shipped("self-signed.conf")
                .replace("\":8443\"", "\"127.0.0.1:0\"")
                .endpoint(9001, app)
                .run(folder)) {
      int port = sluice.port("secure");
      Path trusted = folder.resolve("own.pem");
      String shown = client("127.0.0.1:" + port, "-showcerts");
      int begin = shown.indexOf("-----BEGIN CERTIFICATE");
      int end = shown.indexOf("-----END CERTIFICATE-----") + 26;
      Files.writeString(trusted, shown.substring(begin, end));
      assertThat(OpenSsl.curl(trusted, "localhost", port, "/"))
          .startsWith("HTTP/2 200")
          .endsWith("app");
      assertThat(OpenSsl.curl(trusted, "localhost", port, "/", "--http1.1"))
          .startsWith("HTTP/1.1 200")
          .endsWith("app");
      assertThat(OpenSsl.curl(trusted, "other.example", port, "/")).contains("curl: (60)");
      assertThat(OpenSsl.run("curl", "-sS", "https://127.0.0.1:" + port + "/"))
          .contains("curl: (60)");
      assertThat(OpenSsl.run("curl", "-sSk", "https://127.0.0.1:" + port + "/")).isEqualTo("app");
      assertThat(OpenSsl.run("openssl", "x509", "-in", trusted.toString(), "-noout", "-text"))
          .contains("Version: 3")
          .contains("NIST CURVE: P-256")
          .contains("DNS:localhost, IP Address:127.0.0.1")
          .contains("TLS Web Server Authentication")
          .contains("CA:FALSE");
      String fingerprint =
          OpenSsl.run(
                  "openssl", "x509", "-in", trusted.toString(), "-noout", "-sha256", "-fingerprint")
              .replaceAll("[^=]*=|[:\\s]", "")
              .toLowerCase(Locale.ROOT);
      assertThat(log(sluice).filter(line -> line.contains("self-signed certificate")))
          .as("said once, and recognisable")
          .singleElement()
          .asString()
          .contains("for localhost, 127.0.0.1")
          .contains(fingerprint);
    }
  }

  @Test
  void aClientCertificateDecidesTheRouteAndReachesTheEndpoint() throws Exception {
    Path certs = folder.resolve("certs");
    OpenSsl.certificate(certs, "example.com", "example.com");
    OpenSsl.authority(certs, "clients-ca");
    OpenSsl.issue(certs, "clients-ca", "alice", "URI:spiffe://example.com/ops/alice");
    OpenSsl.issue(certs, "clients-ca", "bob", "URI:spiffe://example.com/dev/bob");
    OpenSsl.authority(certs, "other-ca");
    OpenSsl.issue(certs, "other-ca", "mallory", "URI:spiffe://example.com/ops/alice");
    try (ScriptedEndpoint admin = ScriptedEndpoint.named("admin");
        ScriptedEndpoint site = ScriptedEndpoint.named("site")) {
      String text =
          Example.shipped("client-certificates.conf")
              .replace("\":8443\"", "\"127.0.0.1:0\"")
              .endpoint(9001, admin)
              .endpoint(9002, site)
              .text();
      try (SluiceProcess sluice = SluiceProcess.run(folder, text)) {
        int port = sluice.port("secure");
        for (String version : List.of("1.1", "2")) {
          assertThat(curlAs("alice", port, "/admin/", "--http" + version))
              .startsWith("HTTP/" + version + " 200")
              .endsWith("admin");
        }
        assertThat(admin.received()).hasSize(2);
        for (Wire.Message received : admin.received()) {
          assertThat(received.header("X-Operator")).isEqualTo("alice");
          assertThat(received.header("Client-Cert")).startsWith(":MII").endsWith(":");
        }
        assertThat(curlAs("bob", port, "/admin/")).startsWith("HTTP/2 403");
        Path trusted = certs.resolve("example.com.pem");
        for (String version : List.of("--http1.1", "--http2")) {
          String made = "Client-Cert: :MIIAAAA:";
          assertThat(OpenSsl.curl(trusted, "example.com", port, "/admin/", version, "-H", made))
              .contains(" 403");
          assertThat(OpenSsl.curl(trusted, "example.com", port, "/", version, "-H", made))
              .endsWith("site");
        }
        assertThat(site.received()).hasSize(2);
        assertThat(site.received()).allMatch(received -> received.header("Client-Cert") == null);
        assertThat(curlAs("mallory", port, "/")).contains("curl: (");
        assertThat(admin.received()).hasSize(2);
      }
      Path config = SluiceProcess.write(folder, text);
      assertThat(explained(config, "--client-cert", certs.resolve("alice.pem").toString()))
          .contains("client       CN=alice")
          .contains("route        admin");
      assertThat(explained(config, "--client-cert", certs.resolve("mallory.pem").toString()))
          .contains("client       refused, the handshake fails: ")
          .doesNotContain("route  ");
      assertThat(explained(config))
          .contains("not          admin: the client shows no certificate")
          .contains("route        closed");
    }
  }

  private String curlAs(String who, int port, String path, String... more) {
    Path certs = folder.resolve("certs");
    List<String> options =
        new ArrayList<>(
            List.of(
                "--cert",
                certs.resolve(who + ".pem").toString(),
                "--key",
                certs.resolve(who + ".key").toString()));
    options.addAll(List.of(more));
    return OpenSsl.curl(
        certs.resolve("example.com.pem"),
        "example.com",
        port,
        path,
        options.toArray(String[]::new));
  }

  private static String explained(Path config, String... more) {
    List<String> command =
        new ArrayList<>(List.of("explain", config.toString(), "GET", "https://example.com/admin/"));
    command.addAll(List.of(more));
    return Command.sluice(command.toArray(String[]::new)).text();
  }

  @Test
  void anOcspResponseIsStapledAsLongAsItIsOneForTheCertificate() throws Exception {
    OpenSsl.authority(folder, "ca");
    for (String name : List.of("site", "other")) {
      OpenSsl.issue(folder, "ca", name, "DNS:" + name + ".example");
      OpenSsl.ocsp(folder, "ca", name);
    }
    Path chain = folder.resolve("chain.pem");
    Files.writeString(
        chain,
        Files.readString(folder.resolve("site.pem")) + Files.readString(folder.resolve("ca.pem")));
    Path response = folder.resolve("current.der");
    Files.copy(folder.resolve("site.der"), response);
    String source = "certificate = chain.pem, key = site.key, ocsp = current.der";
    String config = config("reload = 100ms").replace(SOURCE, source);
    try (SluiceProcess sluice = SluiceProcess.run(folder, config)) {
      String to = "127.0.0.1:" + sluice.port("web");
      for (String version : List.of("-tls1_2", "-tls1_3")) {
        assertThat(client(to, "-status", version))
            .contains("OCSP Response Status: successful (0x0)")
            .contains("Cert Status: good");
      }
      replace(response, folder.resolve("other.der"));
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(client(to, "-status")).contains("OCSP response: no response sent"));
      assertThat(log(sluice))
          .anyMatch(line -> line.contains("the OCSP response of CN=site is not stapled"));
      Command check = Command.sluice("check", SluiceProcess.write(folder, config).toString());
      assertThat(check.text()).contains("the OCSP response of CN=site is not stapled");
      assertThat(check.exitCode()).as("it serves without one").isZero();
      assertThat(OpenSsl.curl(folder.resolve("ca.pem"), "site.example", sluice.port("web"), "/"))
          .endsWith("pong");
      replace(response, folder.resolve("site.der"));
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(client(to, "-status")).contains("Cert Status: good"));
    }
    try (SluiceProcess sluice =
        SluiceProcess.run(folder, config + "runtime.tls-provider = jdk\n")) {
      assertThat(client("127.0.0.1:" + sluice.port("web"), "-status"))
          .contains("OCSP response: no response sent");
      assertThat(log(sluice))
          .anyMatch(
              line ->
                  line.contains("listeners.web.tls.certificates[0]")
                      && line.contains("cannot staple"));
    }
  }

  private static void replace(Path file, Path by) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    Files.copy(by, beside);
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @ParameterizedTest
  @CsvSource({"auto, BoringSSL", "jdk, the JDK's"})
  void bothLibrariesSpeakTheSameAndSayWhichTheyAre(String provider, String name) {
    OpenSsl.certificate(folder, "site", "site.example");
    String config = config("") + "runtime.tls-provider = " + provider + "\n";
    try (SluiceProcess sluice = SluiceProcess.run(folder, config)) {
      int port = sluice.port("web");
      Path trusted = folder.resolve("site.pem");
      assertThat(client("127.0.0.1:" + port, "-tls1_3", "-alpn", "h2,http/1.1"))
          .contains("New, TLSv1.3")
          .contains("ALPN protocol: h2");
      assertThat(client("127.0.0.1:" + port, "-tls1_2", "-alpn", "h2,http/1.1"))
          .contains("New, TLSv1.2")
          .contains("ALPN protocol: h2");
      assertThat(OpenSsl.curl(trusted, "site.example", port, "/", "--tlsv1.3"))
          .startsWith("HTTP/2 200")
          .endsWith("pong");
      assertThat(OpenSsl.curl(trusted, "site.example", port, "/", "--http1.1"))
          .startsWith("HTTP/1.1 200")
          .endsWith("pong");
      assertThat(log(sluice)).anyMatch(line -> line.contains("TLS is spoken by " + name));
      assertThat(Client.get(sluice.adminPort(), "/status").text()).contains("\"tls\":\"" + name);
    }
  }

  @Test
  void unixSocketsCarryTlsToListenersAndToEndpoints() {
    OpenSsl.certificate(folder, "site", "site.example");
    Path web = folder.resolve("web.sock");
    Path raw = folder.resolve("raw.sock");
    String text =
        """
        listeners {
          web { bind = "unix:%1$s", tls { certificates = [ { %3$s } ] } }
          raw { bind = "unix:%2$s", protocol = tcp, upstream = web, tls { certificates = [ { %3$s } ] } }
          over { bind = "127.0.0.1:0", protocol = tcp, upstream = raw }
        }
        admin.bind = "127.0.0.1:0"
        routes = [ { respond { body = "sealed over a file" } } ]
        upstreams {
          web { protocol = tcp, endpoints = [ "unix:%1$s" ], tls { server-name = site.example, ca = site.pem } }
          raw { protocol = tcp, endpoints = [ "unix:%2$s" ], tls { server-name = site.example, ca = site.pem } }
        }
        """
            .formatted(web, raw, SOURCE);
    try (SluiceProcess sluice = SluiceProcess.run(folder, text)) {
      Path trusted = folder.resolve("site.pem");
      for (Path socket : List.of(web, raw)) {
        assertThat(
                OpenSsl.curl(trusted, "site.example", 443, "/", "--unix-socket", socket.toString()))
            .endsWith("sealed over a file");
      }
      assertThat(Client.get(sluice.port("over"), "/").text()).isEqualTo("sealed over a file");
    }
  }

  @Test
  void opensslTakesAServerThatSpeaksNewVersionsOnly() {
    OpenSsl.certificate(folder, "site", "site.example");
    try (SluiceProcess sluice = SluiceProcess.run(folder, config(""))) {
      String to = "127.0.0.1:" + sluice.port("web");
      assertThat(client(to, "-tls1_3")).contains("TLSv1.3").contains("subject=CN = site.example");
      assertThat(client(to, "-tls1_2")).contains("TLSv1.2").contains("ECDHE-ECDSA-AES");
      assertThat(client(to, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")).contains("Cipher is (NONE)");
      assertThat(client(to, "-tls1", "-cipher", "ALL:@SECLEVEL=0")).contains("Cipher is (NONE)");
      assertThat(client(to, "-alpn", "h2,http/1.1")).contains("ALPN protocol: h2");
      assertThat(client(to, "-alpn", "http/1.1")).contains("ALPN protocol: http/1.1");
      assertThat(client(to, "-tls1_2", "-reconnect")).contains("Reused, TLSv1.2");
    }
  }

  @Test
  void readsTheKeysThatOpensslWrites() {
    OpenSsl.certificate(folder, "ec", "site.example");
    List<String> sources = new ArrayList<>();
    openssl(
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=site.example -addext subjectAltName=DNS:site.example -keyout @rsa.key -out @rsa.pem");
    for (String kind : List.of("ec", "rsa")) {
      String legacy = kind.equals("rsa") ? "rsa -traditional" : "ec";
      openssl("pkcs8 -topk8 -in @%1$s.key -out @%1$s-pkcs8.key -passout pass:open".formatted(kind));
      openssl("%2$s -in @%1$s.key -out @%1$s-own.key".formatted(kind, legacy));
      for (String cipher : List.of("aes128", "aes256", "des3")) {
        openssl(
            "%2$s -in @%1$s.key -out @%1$s-%3$s.key -%3$s -passout pass:open"
                .formatted(kind, legacy, cipher));
      }
      openssl(
          "pkcs12 -export -in @%1$s.pem -inkey @%1$s.key -out @%1$s.p12 -passout pass:open"
              .formatted(kind));
      for (String source :
          List.of(
              "certificate = %s.pem, key = %1$s.key",
              "certificate = %s.pem, key = %1$s-own.key",
              "certificate = %s.pem, key = %1$s-pkcs8.key, password = ${TEST_PASSWORD}",
              "certificate = %s.pem, key = %1$s-aes128.key, password = ${TEST_PASSWORD}",
              "certificate = %s.pem, key = %1$s-aes256.key, password = ${TEST_PASSWORD}",
              "certificate = %s.pem, key = %1$s-des3.key, password = ${TEST_PASSWORD}",
              "keystore = %s.p12, password = ${TEST_PASSWORD}")) {
        sources.add(source.formatted(kind));
      }
    }
    StringBuilder listeners = new StringBuilder();
    for (int i = 0; i < sources.size(); i++) {
      listeners.append(
          "l%d { bind = \"127.0.0.1:0\", tls.certificates = [ { %s } ] }\n"
              .formatted(i, sources.get(i)));
    }
    String text =
        "listeners {\n%s}\nadmin.bind = \"127.0.0.1:0\"\nroutes = [ { respond.body = pong } ]\n"
            .formatted(listeners);
    Path config = SluiceProcess.write(folder, text);
    Command good = Command.sluice(Map.of("TEST_PASSWORD", "open"), "check", config.toString());
    assertThat(good.exitCode()).as(good.text()).isZero();
    Command bad = Command.sluice(Map.of("TEST_PASSWORD", "closed"), "check", config.toString());
    assertThat(bad.exitCode()).isEqualTo(1);
    assertThat(bad.text().lines().filter(line -> line.contains("password: does not open the key")))
        .as("each sealed one, at its line: %s", bad.text())
        .hasSize(10);
    assertThat(bad.text()).doesNotContain("closed");
    try (SluiceProcess sluice = SluiceProcess.run(config, Map.of("TEST_PASSWORD", "open"))) {
      for (int i = 0; i < sources.size(); i++) {
        String kind = sources.get(i).contains("rsa") ? "rsa.pem" : "ec.pem";
        assertThat(OpenSsl.curl(folder.resolve(kind), "site.example", sluice.port("l" + i), "/"))
            .as(sources.get(i))
            .endsWith("pong");
      }
    }
  }

  private void openssl(String arguments) {
    List<String> command = new ArrayList<>(List.of("openssl"));
    for (String argument : arguments.split(" ")) {
      command.add(
          argument.startsWith("@") ? folder.resolve(argument.substring(1)).toString() : argument);
    }
    OpenSsl.run(command.toArray(String[]::new));
  }

  @Test
  void certificatesRenewedUnderLoadFailNoRequest() throws IOException {
    OpenSsl.certificate(folder, "site", "site.example");
    try (SluiceProcess sluice = SluiceProcess.run(folder, config("reload = 100ms"))) {
      int port = sluice.port("web");
      Process wrk =
          new ProcessBuilder(
                  "wrk",
                  "-t1",
                  "-c8",
                  "-d6s",
                  "--timeout",
                  "20s",
                  "https://127.0.0.1:" + port + "/")
              .redirectErrorStream(true)
              .start();
      for (int round = 0; round < 5; round++) {
        String name = "renewed-" + round + ".example";
        OpenSsl.certificate(folder.resolve("new"), "site", name);
        for (String file : List.of("site.pem", "site.key")) {
          Files.move(
              folder.resolve("new").resolve(file),
              folder.resolve(file),
              StandardCopyOption.REPLACE_EXISTING);
        }
        await()
            .atMost(SOON)
            .untilAsserted(
                () -> assertThat(client("127.0.0.1:" + port)).contains("subject=CN = " + name));
        assertThat(
                OpenSsl.run("curl", "-sSk", "--max-time", "20", "https://127.0.0.1:" + port + "/"))
            .isEqualTo("pong");
      }
      String report = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(report)
          .containsPattern("[1-9][0-9]* requests in ")
          .doesNotContain("Socket errors")
          .doesNotContain("Non-2xx");
    }
  }

  /** Each renegotiation would cost a handshake that nothing counts and no deadline bounds. */
  @ParameterizedTest
  @CsvSource({"boringssl, no renegotiation", "jdk, handshake failure"})
  void noClientRenegotiates(String provider, String alert) throws Exception {
    OpenSsl.certificate(folder, "site", "site.example");
    try (SluiceProcess sluice =
        SluiceProcess.run(folder, config("") + "runtime.tls-provider = " + provider)) {
      Process client =
          new ProcessBuilder(
                  "openssl", "s_client", "-tls1_2", "-connect", "127.0.0.1:" + sluice.port("web"))
              .redirectErrorStream(true)
              .start();
      StringBuilder printed = new StringBuilder();
      try (OutputStream in = client.getOutputStream();
          InputStream out = client.getInputStream()) {
        in.write("R\n".getBytes(StandardCharsets.US_ASCII));
        in.flush();
        for (int octet = out.read(); octet >= 0; octet = out.read()) {
          printed.append((char) octet);
        }
      } finally {
        client.destroyForcibly();
      }
      assertThat(printed).contains("RENEGOTIATING", "alert " + alert);
    }
  }

  private static Stream<String> log(SluiceProcess sluice) {
    return Stream.concat(sluice.out().stream(), sluice.err().stream());
  }

  private static final String SOURCE = "certificate = site.pem, key = site.key";

  private static String config(String more) {
    return """
        listeners.web { bind = "127.0.0.1:0", tls { certificates = [ { %s } ]
          %s } }
        admin.bind = "127.0.0.1:0"
        routes = [ { respond { body = "pong" } } ]
        """
        .formatted(SOURCE, more);
  }

  private static String client(String to, String... more) {
    List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-connect", to));
    command.addAll(List.of(more));
    return OpenSsl.run(command.toArray(String[]::new));
  }
}
