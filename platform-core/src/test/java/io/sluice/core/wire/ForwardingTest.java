package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.wire.RawClient.Response;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a request reaches the endpoint, and what of its response the client. */
class ForwardingTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final RawEndpoint endpoint = RawEndpoint.answering(OK);
  private Proxy proxy;

  @BeforeEach
  void start() {
    proxy =
        Proxy.start(
            """
            listeners {
              web.bind = "127.0.0.1:0"
              trusting { bind = "127.0.0.1:0", trusted-proxies = ["127.0.0.0/8"] }
              strict { bind = "127.0.0.1:0", encoded-slash = reject }
              marked { bind = "127.0.0.1:0", middleware = [marking] }
            }
            upstreams.app.endpoints = ["%s"]
            routes = [
              { match.path-prefix = "/only/", upstream = app }
              { match.host = "absolute.example", upstream = app }
              { match.host = "a", upstream = app }
              { match.listener = [trusting, strict, marked], upstream = app }
              { match.path = "/1.0", upstream = app }
            ]
            """
                .formatted(endpoint.address()));
  }

  @AfterEach
  void stop() {
    proxy.close();
    endpoint.close();
  }

  private Response exchange(String listener, String request) {
    try (RawClient client = proxy.connect(listener)) {
      return client.send(request).read();
    }
  }

  /** What the endpoint got for {@code request}; the pool may have kept an older connection. */
  private String forwarded(String listener, String request) {
    String[] got = new String[1];
    RawEndpoint.Script keep =
        peer -> {
          while (true) {
            int before = peer.received().length();
            if (!peer.readRequest()) {
              return;
            }
            got[0] = peer.received().substring(before);
            peer.send(OK.replace("OK\r\n", "OK\r\nConnection: close\r\n"));
            peer.close();
          }
        };
    endpoint.script(keep);
    assertThat(exchange(listener, request).status()).isEqualTo(200);
    return got[0];
  }

  private String forwarded(String request) {
    return forwarded("web", request);
  }

  private static List<String> values(String head, String name) {
    String prefix = name.toLowerCase(Locale.ROOT) + ": ";
    return Arrays.stream(head.substring(0, head.indexOf("\r\n\r\n")).split("\r\n"))
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
        .map(line -> line.substring(prefix.length()))
        .toList();
  }

  @Test
  void addsWhatTheContractNamesAndKeepsTheRest() {
    String got = forwarded("GET /a?b=c HTTP/1.1\r\nhost: a:80\r\nX-One:  1 \r\nx-one: 2\r\n\r\n");

    assertThat(got).startsWith("GET /a?b=c HTTP/1.1\r\nHost: a:80\r\n").endsWith("\r\n\r\n");
    assertThat(values(got, "X-One")).extracting(String::strip).containsExactly("1", "2");
    assertThat(values(got, "X-Forwarded-For")).containsExactly("127.0.0.1");
    assertThat(values(got, "X-Forwarded-Proto")).containsExactly("http");
    assertThat(values(got, "X-Forwarded-Host")).containsExactly("a:80");
    assertThat(values(got, "X-Forwarded-Port")).singleElement().asString().matches("[0-9]+");
    assertThat(values(got, "Via")).containsExactly("1.1 sluice");
    assertThat(values(got, "Connection")).isEmpty();
  }

  @Test
  void untrustedPeersDoNotSayWhereTheyComeFrom() {
    String got =
        forwarded(
            "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\nX-FORWARDED-FOR: 7.7.7.7\r\n"
                + "X-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Port: 1\r\n"
                + "Forwarded: for=6.6.6.6\r\nVia: 1.0 before\r\n\r\n");

    assertThat(got).doesNotContain("6.6.6.6", "7.7.7.7", "evil", "https");
    assertThat(values(got, "X-Forwarded-For")).containsExactly("127.0.0.1");
    assertThat(values(got, "Forwarded")).isEmpty();
    assertThat(values(got, "Via")).containsExactly("1.0 before", "1.1 sluice");
  }

  @Test
  void trustedPeersAreAppendedTo() {
    String got =
        forwarded(
            "trusting",
            "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 7.7.7.7\r\n"
                + "X-Forwarded-Proto: https\r\nX-Forwarded-Host: outer\r\nX-Forwarded-Port: 443\r\n"
                + "Forwarded: for=6.6.6.6\r\n\r\n");

    assertThat(values(got, "X-Forwarded-For")).containsExactly("6.6.6.6, 7.7.7.7, 127.0.0.1");
    assertThat(values(got, "X-Forwarded-Proto")).containsExactly("https");
    assertThat(values(got, "X-Forwarded-Host")).containsExactly("outer");
    assertThat(values(got, "X-Forwarded-Port")).containsExactly("443");
    assertThat(values(got, "Forwarded")).containsExactly("for=6.6.6.6");
  }

  @Test
  void hopByHopLinesStopHere() {
    String got =
        forwarded(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Hop , keep-alive\r\nConnection: x-other\r\n"
                + "X-Hop: 1\r\nX-HOP: 2\r\nX-Other: 3\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\n"
                + "Upgrade: h2c\r\nHTTP2-Settings: AAAA\r\nTE: gzip\r\nX-Kept: 4\r\n\r\n");

    for (String gone :
        List.of(
            "X-Hop",
            "X-Other",
            "Connection",
            "Keep-Alive",
            "Proxy-Connection",
            "Upgrade",
            "HTTP2-Settings",
            "TE")) {
      assertThat(values(got, gone)).as(gone).isEmpty();
    }
    assertThat(values(got, "X-Kept")).containsExactly("4");
  }

  @Test
  void connectionCannotRemoveWhatTheProxySets() {
    String got =
        forwarded(
            "marked",
            "POST / HTTP/1.1\r\nHost: a\r\nX-Verified: client\r\nContent-Length: 2\r\nConnection:"
                + " Host, X-Forwarded-For, x-forwarded-proto, X-Forwarded-Host, X-Forwarded-Port,"
                + " Via, Content-Length, X-Verified\r\n\r\nhi");

    assertThat(values(got, "Host")).containsExactly("a");
    assertThat(values(got, "X-Forwarded-For")).containsExactly("127.0.0.1");
    assertThat(values(got, "X-Forwarded-Host")).containsExactly("a");
    assertThat(values(got, "Via")).containsExactly("1.1 sluice");
    assertThat(values(got, "Content-Length")).containsExactly("2");
    assertThat(values(got, "X-Verified")).containsExactly("proxy");
    assertThat(got).endsWith("\r\n\r\nhi");
  }

  @Test
  void hopByHopLinesOfTheResponseStopHere() {
    endpoint.script(
        RawEndpoint.always(
            "HTTP/1.1 200 OK\r\nConnection: X-Hop, close, X-Verified, Content-Length\r\nX-Hop: 1\r\n"
                + "Keep-Alive: 5\r\nProxy-Connection: x\r\nUpgrade: h2\r\nContent-Length: 2\r\n"
                + "X-Kept: 4\r\n\r\nok"));

    Response response = exchange("marked", "GET / HTTP/1.1\r\nHost: a\r\n\r\n");

    for (String gone :
        List.of("X-Hop", "Connection", "Keep-Alive", "Proxy-Connection", "Upgrade")) {
      assertThat(response.headers(gone)).as(gone).isEmpty();
    }
    assertThat(response.header("X-Kept")).isEqualTo("4");
    assertThat(response.header("X-Verified")).isEqualTo("proxy");
    assertThat(response.body()).isEqualTo("ok");
  }

  @Test
  void trailersMayBeAskedFor() {
    String got =
        forwarded(
            "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers, gzip;q=0.5\r\nConnection: TE\r\n\r\n");

    assertThat(values(got, "TE")).containsExactly("trailers");
    assertThat(values(got, "Connection")).containsExactly("TE");
  }

  @Test
  void absoluteFormReplacesHost() {
    String got = forwarded("GET http://Absolute.Example:8080/x?y HTTP/1.1\r\nHost: other\r\n\r\n");

    assertThat(got).startsWith("GET /x?y HTTP/1.1\r\nHost: Absolute.Example:8080\r\n");
    assertThat(values(got, "Host")).hasSize(1);
    assertThat(values(got, "X-Forwarded-Host")).containsExactly("Absolute.Example:8080");
    assertThat(forwarded("GET http://absolute.example HTTP/1.1\r\nHost: a\r\n\r\n"))
        .startsWith("GET / HTTP/1.1\r\nHost: absolute.example\r\n");
    assertThat(forwarded("GET http://absolute.example?q HTTP/1.1\r\nHost: a\r\n\r\n"))
        .startsWith("GET /?q HTTP/1.1\r\nHost: absolute.example\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "/only/./a,          /only/a",
    "/x/../only/a,       /only/a",
    "/only/%61,          /only/a",
    "/only//a,           /only//a",
    "/only/a%2fb,        /only/a%2Fb",
    "/only/a%2Fb/../c,   /only/c",
    "/only/%c3%a9,       /only/%C3%A9",
    "/only/a%20b?x=%61/../, /only/a%20b?x=%61/../",
    "/only/a;b=1,        /only/a;b=1",
  })
  void pathsAreForwardedAsTheyWereMatched(String sent, String expected) {
    String got = forwarded("GET " + sent + " HTTP/1.1\r\nHost: b\r\n\r\n");
    assertThat(got).startsWith("GET " + expected + " HTTP/1.1\r\n");
  }

  @Test
  void dotSegmentsDoNotLeaveTheRoute() {
    Response response = exchange("web", "GET /only/../secret HTTP/1.1\r\nHost: b\r\n\r\n");
    assertThat(response.status()).isEqualTo(404);
  }

  @Test
  void encodedSlashesAreRefusedWhereConfigured() {
    Response response = exchange("strict", "GET /only/a%2fb HTTP/1.1\r\nHost: a\r\n\r\n");
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.header("Connection")).isEqualTo("close");
    assertThat(endpoint.received()).isEmpty();
  }

  @Test
  void http10IsServed() {
    String got = forwarded("GET /1.0 HTTP/1.0\r\n\r\n");
    assertThat(got).startsWith("GET /1.0 HTTP/1.1\r\nHost: " + endpoint.address() + "\r\n");
    assertThat(values(got, "Via")).containsExactly("1.0 sluice");

    endpoint.script(RawEndpoint.always(OK));
    Response closing = exchange("web", "GET /1.0 HTTP/1.0\r\n\r\n");
    assertThat(closing.header("Connection")).isEqualTo("close");
    try (RawClient client = proxy.connect()) {
      String request = "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n";
      assertThat(client.send(request).read().header("Connection")).isEqualTo("keep-alive");
      assertThat(client.send(request).read().body()).isEqualTo("ok");
    }
  }

  @Test
  void chunkedResponsesReachHttp10UntilTheEnd() {
    endpoint.script(
        RawEndpoint.always(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
    try (RawClient client = proxy.connect()) {
      client.send("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
      RawClient.Ending ending = client.ending();
      assertThat(ending.reset()).isFalse();
      assertThat(ending.text())
          .contains("Connection: close\r\n")
          .doesNotContain("Transfer-Encoding")
          .endsWith("\r\n\r\nabc");
    }
  }

  @Test
  void informationalResponsesAreRelayedButNotToHttp10() {
    endpoint.script(
        RawEndpoint.always(
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x\r\n\r\n"
                + "HTTP/1.1 102 Processing\r\n\r\n"
                + OK));
    try (RawClient client = proxy.connect()) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      Response hints = client.read();
      assertThat(hints.status()).isEqualTo(103);
      assertThat(hints.header("Link")).isEqualTo("</a>");
      assertThat(hints.header("Connection")).isNull();
      assertThat(client.read().status()).isEqualTo(102);
      assertThat(client.read().body()).isEqualTo("ok");
    }
    assertThat(exchange("web", "GET / HTTP/1.0\r\nHost: a\r\n\r\n").status()).isEqualTo(200);
  }

  @Test
  void noEndOfInformationalResponsesIsABadResponse() {
    String hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    String post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"; // goes out once
    endpoint.script(RawEndpoint.always(hints.repeat(101) + OK));
    try (RawClient client = proxy.connect()) {
      client.send(post);
      for (int i = 0; i < 100; i++) {
        assertThat(client.read().status()).isEqualTo(103);
      }
      Response refused = client.read();
      assertThat(refused.status()).isEqualTo(502);
      assertThat(refused.header("Proxy-Status")).contains("http_protocol_error");
    }
    endpoint.script(RawEndpoint.always(hints.repeat(100) + OK));
    try (RawClient client = proxy.connect()) {
      client.send(post);
      for (int i = 0; i < 100; i++) {
        assertThat(client.read().status()).isEqualTo(103);
      }
      assertThat(client.read().body()).isEqualTo("ok");
    }
  }

  @Test
  void trailersPassBothWays() {
    String request =
        "POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\nTrailer:"
            + " X-Sum\r\n\r\n3;ext=1\r\nabc\r\n0\r\nX-Sum: 1\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n";
    endpoint.script(
        RawEndpoint.always(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n"
                + "2;a=\"b\"\r\nok\r\n0\r\nX-End: 9\r\n\r\n"));

    Response response = exchange("web", request);

    assertThat(response.body()).isEqualTo("2\r\nok\r\n0\r\nX-End: 9\r\n\r\n");
    assertThat(response.headers("Transfer-Encoding")).containsExactly("chunked");
    assertThat(endpoint.received()).endsWith("\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n");
    assertThat(values(endpoint.received(), "Transfer-Encoding")).containsExactly("chunked");
  }

  @ParameterizedTest
  @CsvSource({
    "HEAD, HTTP/1.1 200 OK|Content-Length: 1000||, 200, 1000",
    "HEAD, HTTP/1.1 200 OK|Transfer-Encoding: chunked||, 200,",
    "GET,  HTTP/1.1 204 No Content||, 204,",
    "GET,  HTTP/1.1 304 Not Modified|Content-Length: 77||, 304, 77",
    "GET,  HTTP/1.1 304 Not Modified||, 304,",
    "GET,  HTTP/1.1 200 OK|Content-Length: 0||, 200, 0",
  })
  void responsesWithoutContentLeaveTheConnectionInStep(
      String method, String response, int status, String length) {
    try (RawEndpoint own =
            new RawEndpoint(
                peer -> {
                  peer.readRequest();
                  peer.send(response.replace("|", "\r\n"));
                  while (peer.readRequest()) {
                    peer.send(OK);
                  }
                });
        Proxy direct = Proxy.before(own);
        RawClient client = direct.connect()) {
      Response first = client.send(method + " / HTTP/1.1\r\nHost: a\r\n\r\n").read(true);
      assertThat(first.status()).isEqualTo(status);
      assertThat(first.header("Content-Length")).isEqualTo(length);
      assertThat(client.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n").read().body()).isEqualTo("ok");
      assertThat(own.peers()).as("the connection is used again").hasSize(1);
    }
  }
}
