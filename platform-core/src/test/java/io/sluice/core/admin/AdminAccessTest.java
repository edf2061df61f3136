package io.sluice.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminAccessTest {

  private static final String TOKEN = "s3cret-token";
  private static AdminPeer peer;

  @BeforeAll
  static void start() throws Exception {
    peer = new AdminPeer(TOKEN, AdminPeer.ANY_PORT);
  }

  @AfterAll
  static void stop() throws Exception {
    peer.close();
  }

  @Test
  void takesTheTokenAsBearerOrCookie() throws Exception {
    assertThat(peer.get("/status", "Authorization", "Bearer " + TOKEN).statusCode()).isEqualTo(200);
    assertThat(peer.get("/status", "Authorization", "bearer " + TOKEN).statusCode()).isEqualTo(200);
    assertThat(peer.get("/status", "Cookie", "a=b; sluice-admin=" + TOKEN).statusCode())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: Bearer wrong",
        "Authorization: Bearer s3cret-toke",
        "Authorization: Bearer s3cret-tokenx",
        "Authorization: Bearer",
        "Authorization: s3cret-token",
        "Authorization: Basic s3cret-token",
        "Cookie: sluice-admin=wrong",
        "Cookie: other=s3cret-token",
        "X: y"
      })
  void refusesEverythingElse(String header) throws Exception {
    for (String line :
        List.of(
            "GET /status", "GET /metrics", "GET /", "POST /drain", "GET /nothing", "GET /drain")) {
      String answer =
          peer.raw(
              line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + header + "\r\n\r\n");
      assertThat(answer)
          .startsWith("HTTP/1.1 401 ")
          .contains("www-authenticate: Bearer", "{\"status\":401,\"error\":");
    }
    assertThat(peer.model.calls).isEmpty();
  }

  @Test
  void needsNoTokenForHealth() throws Exception {
    assertThat(peer.get("/health/live").statusCode()).isEqualTo(200);
    assertThat(peer.get("/health/ready").statusCode()).isEqualTo(200);
  }

  @Test
  void servesMetricsAndHealthOnlyByTheOtherDoor() throws Exception {
    assertThat(peer.callMetrics("GET", "/metrics").statusCode()).isEqualTo(200);
    assertThat(peer.callMetrics("GET", "/health/live").statusCode()).isEqualTo(200);
    assertThat(peer.callMetrics("GET", "/health/ready").statusCode()).isEqualTo(200);
    for (String path : List.of("/", "/status", "/config", "/upstreams", "/reload")) {
      assertThat(peer.callMetrics("GET", path).statusCode()).as(path).isEqualTo(404);
    }
    assertThat(peer.callMetrics("POST", "/reload").statusCode()).isEqualTo(404);
    assertThat(peer.callMetrics("POST", "/metrics").statusCode()).isEqualTo(405);
    assertThat(peer.model.calls).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LOCALHOST:9901",
        "127.0.0.1",
        "10.1.2.3:80",
        "[::1]:9901",
        "[2001:db8::1]",
        "admin.example.com",
        "Admin.Example.COM:9901",
        "a.wild.example",
        "a.b.wild.example:1"
      })
  void answersToAddressesAndKnownNames(String host) throws Exception {
    assertThat(withHost("Host: " + host)).startsWith("HTTP/1.1 200 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "wild.example",
        "evilwild.example",
        "x.admin.example.com",
        "1.2.3"
      })
  void refusesOtherNames(String host) throws Exception {
    assertThat(withHost("Host: " + host)).startsWith("HTTP/1.1 403 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X: y",
        "Host: ",
        "Host: localhost\r\nHost: localhost",
        "Host: localhost:x",
        "Host: localhost:99999",
        "Host: a@localhost",
        "Host: [::1",
        "Host: ::1"
      })
  void refusesABrokenHost(String lines) throws Exception {
    assertThat(withHost(lines)).startsWith("HTTP/1.1 400 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:9901",
        "http://LOCALHOST:9901",
      })
  void answersToPagesOfItsOwn(String origin) throws Exception {
    assertThat(withHost("Host: localhost:9901\r\nOrigin: " + origin)).startsWith("HTTP/1.1 200 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://evil.example",
        "http://localhost",
        "http://localhost:9902",
        "https://localhost",
        "http://localhost:9901.evil.example",
        "http://127.0.0.1:9901",
        "null",
        "file://localhost:9901",
        "http://localhost:9901\r\nOrigin: http://evil.example"
      })
  void refusesPagesOfOtherOrigins(String origin) throws Exception {
    assertThat(withHost("Host: localhost:9901\r\nOrigin: " + origin)).startsWith("HTTP/1.1 403 ");
  }

  @Test
  void takesTheStandardPortAsWrittenOrNot() throws Exception {
    assertThat(withHost("Host: localhost\r\nOrigin: http://localhost:80"))
        .startsWith("HTTP/1.1 200 ");
    assertThat(withHost("Host: admin.example.com:443\r\nOrigin: https://admin.example.com"))
        .startsWith("HTTP/1.1 200 ");
  }

  @Test
  void checksHostAndOriginForHealthToo() throws Exception {
    assertThat(
            peer.raw(
                "GET /health/live HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 403 ");
  }

  @Test
  void neverShowsTheToken() throws Exception {
    HttpResponse<String> answer = peer.get("/status", "Authorization", "Bearer wrong");

    assertThat(answer.body()).doesNotContain(TOKEN);
    assertThat(peer.server.config().toString()).doesNotContain(TOKEN);
  }

  private static String withHost(String lines) throws Exception {
    return peer.raw(
        "GET /status HTTP/1.1\r\n"
            + lines
            + "\r\nAuthorization: Bearer "
            + TOKEN
            + "\r\nConnection: close\r\n\r\n");
  }
}
