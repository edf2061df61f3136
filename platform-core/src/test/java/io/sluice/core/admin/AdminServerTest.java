package io.sluice.core.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.core.admin.AdminModel.Change;
import io.sluice.core.admin.AdminModel.Readiness;
import io.sluice.core.admin.AdminModel.ReloadResult;
import io.sluice.core.observe.MeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminServerTest {

  private AdminPeer peer;

  @BeforeEach
  void start() throws Exception {
    peer = new AdminPeer(null, null);
  }

  @AfterEach
  void stop() throws Exception {
    peer.close();
  }

  @Test
  void showsTheStatus() throws Exception {
    HttpResponse<String> answer = peer.get("/status");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(answer.body())
        .isEqualTo(
            "{\"status\":\"ready\",\"version\":\"0.1.0\",\"uptime\":1.5,"
                + "\"started\":\"2026-01-02T03:04:05Z\",\"generation\":1,\"connections\":3,"
                + "\"exchanges\":2,\"tls\":\"BoringSSL\","
                + "\"listeners\":[{\"name\":\"\\u003cweb>\",\"protocol\":\"http\","
                + "\"addresses\":[\"127.0.0.1:8080\"],\"connections\":3}],\"lastReload\":null}\n");
  }

  @Test
  void laysAnswersOutWhenAskedTo() throws Exception {
    assertThat(peer.get("/health/live?pretty=1").body())
        .isEqualTo("{\n  \"status\": \"live\"\n}\n");
    assertThat(peer.get("/health/live?pretty=0").body()).isEqualTo("{\"status\":\"live\"}\n");
  }

  @Test
  void saysWhyItIsNotReady() throws Exception {
    assertThat(peer.get("/health/ready").statusCode()).isEqualTo(200);

    peer.model.readiness = new Readiness(false, List.of("draining"));

    HttpResponse<String> answer = peer.get("/health/ready");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).isEqualTo("{\"ready\":false,\"reasons\":[\"draining\"]}\n");
    assertThat(peer.get("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void exposesMetersInTheFormatAskedFor() throws Exception {
    peer.meters.process().counter("hits_total").add(3);

    HttpResponse<String> plain = peer.get("/metrics");
    assertThat(plain.headers().firstValue("content-type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(plain.body()).isEqualTo("# TYPE hits_total counter\nhits_total 3.0\n");

    HttpResponse<String> open =
        peer.get(
            "/metrics", "Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
    assertThat(open.headers().firstValue("content-type"))
        .hasValue("application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertThat(open.body()).endsWith("hits_total 3.0\n# EOF\n");
  }

  @Test
  void showsAPageThatLoadsNothing() throws Exception {
    HttpResponse<String> page = peer.get("/");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
    assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
        .startsWith("default-src 'none'");
    assertThat(page.body())
        .contains("listener &lt;web&gt;", "href=\"/metrics\"")
        .doesNotContain("<script", "<web>", "src=");
  }

  @Test
  void showsConfigRoutesUpstreamsAndPlugins() throws Exception {
    assertThat(peer.get("/config").body()).isEqualTo("{\"admin\":{\"token\":\"***\"}}\n");
    assertThat(peer.get("/routes").body())
        .contains("\"match\":{\"host\":\"users.com\"}", "\"middleware\":[\"cors\",\"limit\"]");
    assertThat(peer.get("/upstreams").body())
        .contains(
            "\"id\":\"127.0.0.1:9001\",\"host\":\"one.users\",\"health\":\"healthy\",\"state\":\"enabled\"")
        .contains(
            "\"ejected\":null",
            "\"tlsProblem\":\"the certificate expired\"",
            "\"latency\":{\"p50\":0.002,\"p99\":0.009}");
    assertThat(peer.get("/plugins").body()).contains("\"type\":\"cors\"");
  }

  @Test
  void explainsARequest() throws Exception {
    String query = "?method=POST&url=http%3A%2F%2Fusers.com%2Fx%3Fa%3D1&h=X-A:1&h=X-B%3A%202";

    assertThat(peer.get("/explain" + query).body())
        .isEqualTo(
            "{\"route\":\"users\",\"report\":[\"POST http://users.com/x?a=1\",\"X-A=1\",\"X-B=2\"]}\n");
    assertThat(peer.get("/explain" + query, "Accept", "text/plain").body())
        .isEqualTo("POST http://users.com/x?a=1\nX-A=1\nX-B=2\n");
  }

  @ParameterizedTest
  @CsvSource({
    "'',the parameter url is missing",
    "?url=nothing,the URL is not absolute",
    "?url=http://a&url=http://b,the parameter url is given more than once",
    "?url=http://a&h=broken,the parameter h is not Name:value",
    "?url=http://a&client-cert=,the parameter client-cert has no certificates in PEM",
    "?url=http://a&client-cert=alice,the parameter client-cert has no certificates in PEM"
  })
  void saysWhatIsWrongWithAQuestion(String query, String message) throws Exception {
    HttpResponse<String> answer = peer.get("/explain" + query);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("{\"status\":400,\"error\":\"" + message + "\"}\n");
  }

  @Test
  void reloads() throws Exception {
    HttpResponse<String> answer = peer.call("POST", "/reload", "");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .isEqualTo("{\"generation\":2,\"changes\":[\"route users changed\"]}\n");
  }

  @Test
  void reportsEveryProblemOfAReloadThatIsRefused() throws Exception {
    CompletableFuture<ReloadResult> later = new CompletableFuture<>();
    peer.model.reload = later;
    later.completeAsync(
        () -> new ReloadResult(1, List.of(), List.of("a.conf:1: x", "a.conf:2: y")));

    HttpResponse<String> answer = peer.call("POST", "/reload", "");

    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(answer.body()).contains("\"problems\":[\"a.conf:1: x\",\"a.conf:2: y\"]");
  }

  @Test
  void drains() throws Exception {
    assertThat(peer.call("POST", "/drain", "").statusCode()).isEqualTo(202);
    assertThat(peer.model.calls).containsExactly("drain");
  }

  @ParameterizedTest
  @CsvSource({
    "/upstreams/users/endpoints/127.0.0.1:9001/enable,users 127.0.0.1:9001 ENABLED",
    "/upstreams/users/endpoints/127.0.0.1%3A9001/disable,users 127.0.0.1:9001 DISABLED",
    "/upstreams/users/endpoints/%5B%3A%3A1%5D%3A80/drain,users [::1]:80 DRAINING",
    "/upstreams/a%2Fb/endpoints/unix:%2Frun%2Fx/drain,a/b unix:/run/x DRAINING",
    "/upstreams/a+b/endpoints/x:1/drain,a+b x:1 DRAINING"
  })
  void setsTheStateOfAnEndpoint(String path, String call) throws Exception {
    assertThat(peer.call("POST", path, "").statusCode()).isEqualTo(200);
    assertThat(peer.model.calls).containsExactly(call);
  }

  @Test
  void putsAndRemovesEndpoints() throws Exception {
    String path = "/upstreams/users/endpoints/%5B::1%5D:80";
    peer.model.change = new Change(Change.Result.CREATED, "added");

    HttpResponse<String> put =
        peer.call("PUT", path, "{\"weight\": 3, \"zone\": \"b\", \"backup\": true}");
    peer.model.change = new Change(Change.Result.DONE, "changed");
    HttpResponse<String> again = peer.call("PUT", path, "");
    HttpResponse<String> removed = peer.call("DELETE", path, "");

    assertThat(put.statusCode()).isEqualTo(201);
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(removed.statusCode()).isEqualTo(200);
    assertThat(peer.model.calls)
        .containsExactly(
            "users [::1]:80 EndpointSettings[weight=3, zone=b, backup=true]",
            "users [::1]:80 EndpointSettings[weight=1, zone=null, backup=false]",
            "users [::1]:80 removed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "[]",
        "3",
        "{\"weight\": 0}",
        "{\"weight\": 65536}",
        "{\"weight\": \"3\"}",
        "{\"weight\": 1.5}",
        "{\"zone\": 1}",
        "{\"backup\": \"yes\"}",
        "{\"wieght\": 1}",
        "{\"a\":[[[[[[[[[[[]]]]]]]]]]]}"
      })
  void refusesABodyThatIsNotAnEndpoint(String body) throws Exception {
    HttpResponse<String> answer = peer.call("PUT", "/upstreams/users/endpoints/x:1", body);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).startsWith("{\"status\":400,\"error\":\"");
    assertThat(peer.model.calls).isEmpty();
  }

  @Test
  void saysWhenThereIsNoSuchEndpointOrItCannotBe() throws Exception {
    peer.model.change = new Change(Change.Result.NOT_FOUND, "there is no upstream \"x\"");
    assertThat(peer.call("DELETE", "/upstreams/x/endpoints/y:1", "").statusCode()).isEqualTo(404);

    peer.model.change = new Change(Change.Result.REFUSED, "endpoints come from discovery");
    HttpResponse<String> refused = peer.call("PUT", "/upstreams/x/endpoints/y:1", "");
    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(refused.body()).contains("endpoints come from discovery");
  }

  @Test
  void purgesCaches() throws Exception {
    assertThat(peer.call("POST", "/caches/main/purge", "{\"prefix\":\"http://a/b\"}").body())
        .isEqualTo("{\"purged\":7}\n");
    assertThat(peer.call("POST", "/caches/main/purge", "{\"tags\":[\"a\",\"b\"]}").statusCode())
        .isEqualTo(200);
    assertThat(peer.call("POST", "/caches/main/purge", "{\"url\":\"http://a\"}").statusCode())
        .isEqualTo(200);
    assertThat(peer.model.calls)
        .containsExactly(
            "purge Prefix[prefix=http://a/b]",
            "purge Tags[tags=[a, b]]",
            "purge Url[url=http://a]");
    assertThat(peer.call("POST", "/caches/other/purge", "{\"url\":\"x\"}").statusCode())
        .isEqualTo(404);
    assertThat(peer.call("POST", "/caches/main/purge", "").statusCode()).isEqualTo(400);
    assertThat(
            peer.call("POST", "/caches/main/purge", "{\"url\":\"x\",\"prefix\":\"x\"}")
                .statusCode())
        .isEqualTo(400);
  }

  @Test
  void answersUnknownPathsWith404() throws Exception {
    for (String path :
        List.of("/nothing", "/events", "/status/", "/health", "//status", "/a%2Fb")) {
      HttpResponse<String> answer = peer.get(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(404);
      assertThat(answer.body()).startsWith("{\"status\":404,");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "POST,/status,'GET, HEAD'",
    "GET,/reload,POST",
    "GET,/drain,POST",
    "HEAD,/drain,POST",
    "POST,/metrics,'GET, HEAD'",
    "OPTIONS,/status,'GET, HEAD'",
    "GET,/upstreams/a/endpoints/b:1,'DELETE, PUT'",
    "GET,/upstreams/a/endpoints/b:1/enable,POST",
    "GET,/caches/main/purge,POST"
  })
  void answersOtherMethodsWith405(String method, String path, String allow) throws Exception {
    HttpResponse<String> answer = peer.call(method, path, "");

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("allow")).hasValue(allow);
    assertThat(peer.model.calls).isEmpty();
  }

  @Test
  void answersHeadWithTheHeadOfGet() throws Exception {
    String get = peer.raw("GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    String head = peer.raw("HEAD /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    assertThat(head).endsWith("\r\n\r\n").startsWith("HTTP/1.1 200 OK\r\n");
    assertThat(lengthOf(head)).isEqualTo(lengthOf(get)).isPositive();
  }

  @Test
  void refusesABodyOver64KiB() throws Exception {
    assertThat(peer.call("POST", "/drain", "x".repeat(65_536)).statusCode()).isEqualTo(202);
    HttpResponse<String> answer = peer.call("POST", "/drain", "x".repeat(65_537));

    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).contains("64 KiB");
    assertThat(peer.model.calls).hasSize(1);
  }

  @Test
  void refusesAChunkedBodyOver64KiB() throws Exception {
    String answer =
        peer.raw(
            "POST /drain HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n"
                + "x".repeat(65_537)
                + "\r\n0\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 413 ").contains("64 KiB");
    assertThat(peer.model.calls).isEmpty();
  }

  @Test
  void answersPipelinedCallsInOrder() throws Exception {
    CompletableFuture<ReloadResult> later = new CompletableFuture<>();
    peer.model.reload = later;
    later.completeOnTimeout(new ReloadResult(5, List.of(), List.of()), 50, TimeUnit.MILLISECONDS);

    String answers =
        peer.raw(
            List.of("POST /reload", "GET /health/live").stream()
                    .map(line -> line + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .collect(Collectors.joining())
                + "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    assertThat(answers.indexOf("\"generation\":5")).isPositive();
    assertThat(answers.indexOf("\"live\"")).isGreaterThan(answers.indexOf("\"generation\":5"));
    assertThat(answers.indexOf("404 Not Found")).isGreaterThan(answers.indexOf("\"live\""));
  }

  @Test
  void takesRequestsInPiecesAndAfterContinue() throws Exception {
    try (Socket socket = peer.socket()) {
      OutputStream out = socket.getOutputStream();
      for (byte octet : "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII)) {
        out.write(octet);
        out.flush();
      }
      assertThat(readUntil(socket, "{\"status\":\"live\"}\n")).startsWith("HTTP/1.1 200 ");
      String head = "Host: localhost\r\nExpect: 100-continue\r\n";
      out.write(
          ("POST /drain HTTP/1.1\r\n" + head + "Content-Length: 2\r\n\r\n").getBytes(US_ASCII));
      assertThat(readUntil(socket, "\r\n\r\n")).startsWith("HTTP/1.1 100 ");
      out.write("{}".getBytes(US_ASCII));
      assertThat(readUntil(socket, "draining\"}\n")).startsWith("HTTP/1.1 202 ");
      out.write(
          ("POST /drain HTTP/1.1\r\n" + head + "Content-Length: 70000\r\n\r\n").getBytes(US_ASCII));
      assertThat(readUntil(socket, "\r\n\r\n")).startsWith("HTTP/1.1 413 ");
    }
    assertThat(peer.model.calls).containsExactly("drain");
  }

  private static String readUntil(Socket socket, String end) throws IOException {
    StringBuilder read = new StringBuilder();
    while (read.indexOf(end) < 0) {
      int octet = socket.getInputStream().read();
      assertThat(octet).as("end of stream after %s", read).isNotNegative();
      read.append((char) octet);
    }
    return read.toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NONSENSE\r\n\r\n",
        "GET http://localhost/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /status HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\nConnection: close\r\n\r\n",
        "POST /drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"
      })
  void answersBrokenRequestsWith400(String request) throws Exception {
    assertThat(peer.raw(request)).startsWith("HTTP/1.1 400 ").contains("\"status\":400");
    assertThat(peer.model.calls).isEmpty();
  }

  @Test
  void saysNothingOfAFaultOfOurs() throws Exception {
    peer.model.broken = true;

    HttpResponse<String> answer = peer.get("/status");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body())
        .isEqualTo("{\"status\":500,\"error\":\"the call failed; the log says why\"}\n");
  }

  @Test
  void setsSecurityHeadersOnEveryAnswer() throws Exception {
    for (String path : List.of("/", "/status", "/metrics", "/nothing")) {
      HttpResponse<String> answer = peer.get(path);
      assertThat(answer.headers().firstValue("x-content-type-options")).hasValue("nosniff");
      assertThat(answer.headers().firstValue("x-frame-options")).hasValue("DENY");
      assertThat(answer.headers().firstValue("cache-control")).hasValue("no-store");
      assertThat(answer.headers().firstValue("date")).isPresent();
      assertThat(answer.headers().firstValue("content-security-policy").orElseThrow())
          .contains("default-src 'none'");
      assertThat(answer.headers().firstValue("access-control-allow-origin")).isEmpty();
    }
  }

  @Test
  void failsInOneLineWhenThePortIsTaken() throws Exception {
    try (ServerSocket taken =
        new ServerSocket(0, 1, new InetSocketAddress("127.0.0.1", 0).getAddress())) {
      BindAddress address = new BindAddress("127.0.0.1", taken.getLocalPort());
      AdminConfig config = new AdminConfig(AdminPeer.ANY_PORT, null, address, List.of());

      assertThatThrownBy(
              () ->
                  AdminServer.start(config, peer.model, new MeterRegistry(), Runnable::run)
                      .toCompletableFuture()
                      .get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(BindException.class)
          .hasMessageStartingWith("cannot bind admin.metrics-bind " + address + ": ")
          .message()
          .doesNotContain("\n");
    }
  }

  @Test
  void listensNowhereWhenThereIsNoBind() throws Exception {
    AdminConfig config = new AdminConfig(null, null, null, List.of());
    AdminServer nowhere =
        AdminServer.start(config, peer.model, new MeterRegistry(), Runnable::run)
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);

    assertThat(nowhere.address()).isNull();
    assertThat(nowhere.metricsAddress()).isNull();
    nowhere.stop().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static int lengthOf(String head) {
    String name = "content-length: ";
    int start = head.indexOf(name) + name.length();
    return Integer.parseInt(head.substring(start, head.indexOf('\r', start)));
  }
}
