package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HeaderName;
import io.sluice.api.http.HttpVersion;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Http2RequestReaderTest {

  private final RequestParser parser = new RequestParser(2048, 12, "https", true);
  private final Http2RequestReader reader = new Http2RequestReader(Set.of("websocket"));

  /** Without validation, so that what a decoder might let through is here too. */
  private static Http2Headers fields(String method, String path) {
    Http2Headers fields = new DefaultHttp2Headers(false);
    return fields.method(method).scheme("https").authority("Example.com:8443").path(path);
  }

  private ParsedRequest read(Http2Headers fields, boolean endOfStream) {
    return reader.read(fields, endOfStream, parser);
  }

  private void assertMalformed(Http2Headers fields) {
    assertThatThrownBy(() -> read(fields, true)).isInstanceOf(Http2MalformedException.class);
  }

  private void assertRefused(Http2Headers fields, ErrorKind kind) {
    assertThatThrownBy(() -> read(fields, true))
        .isInstanceOfSatisfying(FramingException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  @Test
  void readsARequestWithContent() {
    Http2Headers fields = fields("POST", "/a/../b?c=%61").add("content-length", "7");
    ParsedRequest request = read(fields.add("x-one", "two").add("te", "trailers"), false);
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.scheme()).isEqualTo("https");
    assertThat(request.authority()).isEqualTo("Example.com:8443");
    assertThat(request.host()).isEqualTo("example.com");
    assertThat(request.path()).isEqualTo("/b");
    assertThat(request.query()).isEqualTo("c=%61");
    assertThat(request.version()).isEqualTo(HttpVersion.HTTP_2);
    assertThat(request.framing()).isEqualTo(Framing.LENGTH);
    assertThat(request.contentLength()).isEqualTo(7);
    assertThat(request.headers().get("x-one")).isEqualTo("two");
    assertThat(request.takesTrailers()).isTrue();
    assertThat(request.keepAlive()).isTrue();
    assertThat(request.upgrade()).isNull();
  }

  @Test
  void tellsContentOfUnknownLengthFromNone() {
    assertThat(read(fields("PUT", "/"), false).framing()).isEqualTo(Framing.CHUNKED);
    assertThat(read(fields("PUT", "/"), true).framing()).isEqualTo(Framing.NONE);
    Http2Headers zero = fields("PUT", "/").add("content-length", "0");
    assertThat(read(zero, true).framing()).isEqualTo(Framing.NONE);
    assertThat(read(zero, false).framing()).isEqualTo(Framing.LENGTH);
  }

  @Test
  void joinsTheCrumbsOfACookie() {
    Http2Headers fields =
        fields("GET", "/").add("cookie", "a=1").add("x", "y").add("cookie", "b=2");
    assertThat(read(fields, true).headers().all(HeaderName.of("cookie")))
        .containsExactly("a=1; b=2");
  }

  @Test
  void takesTheHostFieldWhereThereIsNoAuthority() {
    Http2Headers fields = new DefaultHttp2Headers(false).method("GET").scheme("http").path("/");
    assertThat(read(fields.add("host", "a.example"), true).authority()).isEqualTo("a.example");
    assertRefused(
        new DefaultHttp2Headers(false).method("GET").scheme("http").path("/"),
        ErrorKind.BAD_REQUEST);
  }

  @Test
  void takesAHostFieldThatRepeatsTheAuthority() {
    Http2Headers fields = fields("GET", "/").add("host", "example.com:8443");
    assertThat(read(fields, true).headers().all(HeaderName.of("host")))
        .containsExactly("Example.com:8443");
    assertMalformed(fields("GET", "/").add("host", "evil.example"));
    assertMalformed(fields("GET", "/").add("host", "Example.com:8443").add("host", "evil.example"));
  }

  @ParameterizedTest
  @CsvSource({
    "'a\r\nX: y'",
    "'a\nb'",
    "'a\rb'",
    "'a\0b'",
    "' a'",
    "'a '",
    "'\ta'",
    "'a\u0101b'",
  })
  void refusesAValueThatWouldBeMoreThanOne(String value) {
    assertMalformed(fields("GET", "/").add("x-one", value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-One", "x one", "x:one", "x\r\none", "é", ""})
  void refusesANameThatIsNoLowerCaseToken(String name) {
    assertMalformed(fields("GET", "/").add(name, "v"));
  }

  @ParameterizedTest
  @CsvSource({
    "connection,close",
    "keep-alive,timeout=5",
    "proxy-connection,close",
    "transfer-encoding,chunked",
    "upgrade,websocket",
    "te,gzip",
    "te,'trailers, gzip'",
  })
  void refusesFieldsOfAConnection(String name, String value) {
    assertMalformed(fields("GET", "/").add(name, value));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a", "http://evil/", "/a b", "/ HTTP/1.1\r\nX: y", "/\u0000", "/a\"", "**"})
  void refusesAPathThatWouldBreakTheStartLine(String path) {
    assertMalformed(fields("GET", path));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GE T", "GET /x HTTP/1.1\r\nA:", "GET\t"})
  void refusesAMethodThatIsNoToken(String method) {
    assertMalformed(fields(method, "/"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a\r\nX: y", "user@host", "a/b"})
  void refusesAnAuthorityThatIsNone(String authority) {
    assertMalformed(fields("GET", "/").authority(authority));
  }

  @Test
  void refusesWhatRequestsOfHttp11AreRefusedFor() {
    assertRefused(fields("GET", "/%2e%2e/x%00"), ErrorKind.BAD_REQUEST);
    assertRefused(
        fields("GET", "/").add("content-length", "1").add("content-length", "1"),
        ErrorKind.BAD_REQUEST);
    assertRefused(fields("GET", "/" + "x".repeat(3000)), ErrorKind.URI_TOO_LONG);
    assertRefused(fields("GET", "/").add("x", "y".repeat(3000)), ErrorKind.HEADERS_TOO_LARGE);
    Http2Headers many = fields("GET", "/");
    for (int i = 0; i < 12; i++) {
      many.add("x-" + i, "y");
    }
    assertRefused(many, ErrorKind.HEADERS_TOO_LARGE);
    assertRefused(fields("GET", "/").scheme("ftp"), ErrorKind.BAD_REQUEST);
  }

  @Test
  void refusesALengthWithoutContent() {
    assertMalformed(fields("POST", "/").add("content-length", "5"));
  }

  @Test
  void servesAfterARefusal() {
    assertMalformed(fields("GET", "/").add("x", "a\nb"));
    assertThat(read(fields("GET", "/fine"), true).path()).isEqualTo("/fine");
    assertThat(parser.request().headers().size()).isEqualTo(1);
  }

  @Test
  void answersConnect() {
    Http2Headers connect = new DefaultHttp2Headers(false).method("CONNECT").authority("a:1");
    assertRefused(connect, ErrorKind.METHOD_NOT_SUPPORTED);
    assertMalformed(fields("CONNECT", "/"));
  }

  @Test
  void readsAnExtendedConnectAsTheUpgradeThatItIs() {
    Http2Headers fields = fields("CONNECT", "/chat").add(":protocol", "websocket");
    ParsedRequest request = read(fields.add("sec-websocket-version", "13"), false);
    assertThat(request.method()).isEqualTo("GET");
    assertThat(request.path()).isEqualTo("/chat");
    assertThat(request.upgrade()).isEqualTo("websocket");
    assertThat(request.extendedConnect()).isTrue();
    assertThat(request.framing()).isEqualTo(Framing.NONE);
    assertThat(request.headers().get("sec-websocket-key")).hasSize(24);
    assertThat(read(fields("GET", "/"), true).extendedConnect()).isFalse();
  }

  @Test
  void refusesProtocolsThatNobodyOffered() {
    assertRefused(
        fields("CONNECT", "/").add(":protocol", "connect-udp"), ErrorKind.METHOD_NOT_SUPPORTED);
    assertMalformed(fields("GET", "/").add(":protocol", "websocket"));
    Http2RequestReader none = new Http2RequestReader(Set.of());
    assertThatThrownBy(
            () -> none.read(fields("CONNECT", "/").add(":protocol", "websocket"), false, parser))
        .isInstanceOf(Http2MalformedException.class);
  }
}
