package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HttpVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestParserTest {

  private static final String REQUEST =
      "POST http://Example.com:8080/a/../b?c=%61 HTTP/1.1\r\nhost: other\r\nX-One:  two \t\r\n"
          + "Empty:\r\nConnection: keep-alive, X-Hop\r\nContent-Length: 7\r\n"
          + "Expect: 100-Continue\r\nTE: gzip, trailers\r\n\r\n";

  private final RequestParser parser = new RequestParser(1024, 8, "https", true);

  private static void assertWhole(ParsedRequest request) {
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.scheme()).isEqualTo("https");
    assertThat(request.authority()).isEqualTo("Example.com:8080");
    assertThat(request.host()).isEqualTo("example.com");
    assertThat(request.path()).isEqualTo("/b");
    assertThat(request.query()).isEqualTo("c=%61");
    assertThat(request.version()).isEqualTo(HttpVersion.HTTP_1_1);
    assertThat(request.framing()).isEqualTo(Framing.LENGTH);
    assertThat(request.contentLength()).isEqualTo(7);
    assertThat(request.keepAlive()).isTrue();
    assertThat(request.expectsContinue()).isTrue();
    assertThat(request.takesTrailers()).isTrue();
    assertThat(request.upgrade()).isNull();
    assertThat(request.connectionNames()).containsExactly("x-hop");
    assertThat(request.headers().size()).isEqualTo(7);
    assertThat(request.headers().get("x-one")).isEqualTo("two");
    assertThat(request.headers().get("empty")).isEmpty();
  }

  @Test
  void readsAHeadCutAtEveryIndex() {
    for (int cut = 0; cut <= REQUEST.length(); cut++) {
      parser.reset();
      boolean whole = parser.read(Heads.buffer(REQUEST.substring(0, cut)));
      if (cut < REQUEST.length()) {
        assertThat(whole).isFalse();
        assertThat(parser.begun()).isEqualTo(cut > 0);
        assertThat(parser.read(Heads.buffer(REQUEST.substring(cut)))).isTrue();
      }
      assertWhole(parser.request());
    }
  }

  @Test
  void readsAHeadOctetByOctet() {
    parser.reset();
    for (int i = 0; i < REQUEST.length() - 1; i++) {
      assertThat(parser.read(Heads.buffer(REQUEST.substring(i, i + 1)))).isFalse();
    }
    assertThat(parser.read(Heads.buffer("\n"))).isTrue();
    assertWhole(parser.request());
  }

  @Test
  void leavesWhatFollows() {
    ByteBuf in = Heads.buffer(REQUEST + "content");
    parser.reset();
    assertThat(parser.read(in)).isTrue();
    assertThat(Heads.text(in)).isEqualTo("content");
  }

  @Test
  void forgetsTheRequestBefore() {
    parser.reset();
    parser.read(Heads.buffer(REQUEST));
    parser.reset();
    assertThat(parser.begun()).isFalse();
    assertThat(parser.read(Heads.buffer("GET / HTTP/1.0\r\n\r\n"))).isTrue();

    ParsedRequest request = parser.request();
    assertThat(request.method()).isEqualTo("GET");
    assertThat(request.authority()).isEmpty();
    assertThat(request.host()).isEmpty();
    assertThat(request.query()).isNull();
    assertThat(request.framing()).isEqualTo(Framing.NONE);
    assertThat(request.contentLength()).isEqualTo(-1);
    assertThat(request.keepAlive()).isFalse();
    assertThat(request.expectsContinue()).isFalse();
    assertThat(request.takesTrailers()).isFalse();
    assertThat(request.connectionNames()).isNull();
    assertThat(request.headers().size()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "1.1, '',                     true",
    "1.1, keep-alive,             true",
    "1.1, close,                  false",
    "1.1, 'Keep-Alive, CLOSE',    false",
    "1.0, '',                     false",
    "1.0, Keep-Alive,             true",
    "1.0, 'x, keep-alive',        true",
    "1.7, '',                     true",
  })
  void persistence(String version, String connection, boolean expected) {
    String line = connection.isEmpty() ? "" : "Connection: " + connection + "\r\n";
    ParsedRequest request =
        Heads.request("GET / HTTP/" + version + "\r\nHost: a\r\n" + line + "\r\n");
    assertThat(request.keepAlive()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "a, a",
    "A.b, a.b",
    "a:80, a",
    "a:, a",
    "[::1]:80, [::1]",
    "[2001:DB8::1], [2001:db8::1]",
    "127.0.0.1:1, 127.0.0.1",
    "a_b-c.d, a_b-c.d"
  })
  void hosts(String value, String host) {
    ParsedRequest request = Heads.request("GET / HTTP/1.1\r\nHost: " + value + "\r\n\r\n");
    assertThat(request.authority()).isEqualTo(value);
    assertThat(request.host()).isEqualTo(host);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[::1", "::1", "[::1]x", "a:1:2", "a:123456", "a b", "[", "]", "a[b]"})
  void refusesHosts(String value) {
    refuses("GET / HTTP/1.1\r\nHost: " + value + "\r\n\r\n", ErrorKind.BAD_REQUEST);
  }

  @Test
  void theServerItselfMayBeAskedForItsOptions() {
    assertThat(Heads.request("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").path()).isEqualTo("*");
  }

  @Test
  void upgradesAreReadWhereConnectionSaysSo() {
    String lines = "Host: a\r\nUpgrade: WebSocket\r\n";
    assertThat(Heads.request("GET / HTTP/1.1\r\n" + lines + "\r\n").upgrade()).isNull();
    assertThat(
            Heads.request("GET / HTTP/1.1\r\n" + lines + "Connection: UPGRADE\r\n\r\n").upgrade())
        .isEqualTo("websocket");
    assertThat(
            Heads.request("GET / HTTP/1.0\r\n" + lines + "Connection: upgrade\r\n\r\n").upgrade())
        .isNull();
  }

  @Test
  void limitsAreExact() {
    String start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    String fits = start + "x".repeat(1024 - start.length() - 4) + "\r\n\r\n";
    parser.reset();
    assertThat(parser.read(Heads.buffer(fits))).isTrue();
    refuses(fits.replace("X: ", "X: x"), ErrorKind.HEADERS_TOO_LARGE);
    refuses("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(3000), ErrorKind.HEADERS_TOO_LARGE);
    refuses("GET /" + "x".repeat(3000), ErrorKind.URI_TOO_LONG);
    parser.reset();
    assertThat(
            parser.read(
                Heads.buffer("GET / HTTP/1.1\r\nHost: a\r\n" + "A: b\r\n".repeat(7) + "\r\n")))
        .isTrue();
    refuses(
        "GET / HTTP/1.1\r\nHost: a\r\n" + "A: b\r\n".repeat(8) + "\r\n",
        ErrorKind.HEADERS_TOO_LARGE);
  }

  /** Also when it comes in two parts, wherever it is cut. */
  private void refuses(String text, ErrorKind kind) {
    int step = Math.max(1, text.length() / 100);
    for (int cut = 0; cut < text.length(); cut += step) {
      int at = cut;
      parser.reset();
      assertThatThrownBy(
              () -> {
                parser.read(Heads.buffer(text.substring(0, at)));
                parser.read(Heads.buffer(text.substring(at)));
              })
          .isInstanceOfSatisfying(
              FramingException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }
  }
}
