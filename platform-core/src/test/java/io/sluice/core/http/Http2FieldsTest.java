package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.sluice.api.error.ErrorKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Http2FieldsTest {

  private static final byte[] DATE =
      "Sun, 06 Nov 1994 08:49:37 GMT".getBytes(StandardCharsets.US_ASCII);
  private static final AsciiString HTTPS = AsciiString.cached("https");

  private final ForwardedLines forwarded = new ForwardedLines("192.0.2.1", "https", 443, false);

  private static List<String> text(Http2Headers fields) {
    List<String> lines = new ArrayList<>();
    fields.forEach(field -> lines.add(field.getKey() + "=" + field.getValue()));
    return lines;
  }

  @Test
  void writesAResponseWithoutWhatBelongsToAConnection() {
    ParsedResponse head =
        Heads.response(
            "HTTP/1.1 200 OK\r\nContent-Type:  text/plain \t\r\nConnection: X-Hop, keep-alive\r\n"
                + "X-Hop: 1\r\nKeep-Alive: timeout=5\r\nContent-Length: 3\r\nEmpty:\r\n\r\n");
    assertThat(text(Http2Fields.response(head, false, DATE)))
        .containsExactly(
            ":status=200",
            "content-type=text/plain",
            "content-length=3",
            "empty=",
            "date=Sun, 06 Nov 1994 08:49:37 GMT");
  }

  @Test
  void writesNoLengthWhereItIsUnknown() {
    ParsedResponse head =
        Heads.response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: x\r\n\r\n");
    assertThat(text(Http2Fields.response(head, true, DATE)))
        .containsExactly(":status=200", "date=x");
  }

  @Test
  void writesManyLines() {
    StringBuilder lines = new StringBuilder("HTTP/1.1 204 No Content\r\nDate: x\r\n");
    for (int i = 0; i < 18; i++) {
      lines.append("X-").append(i).append(": ").append(i).append("\r\n");
    }
    Http2Headers fields =
        Http2Fields.response(Heads.response(lines.append("\r\n").toString()), false, DATE);
    assertThat(fields.size()).isEqualTo(20);
    assertThat(fields.get("x-17")).hasToString("17");
  }

  @Test
  void keepsNothingOfTheHeadThatItWasMadeOf() {
    ParsedResponse head = Heads.response("HTTP/1.1 200 OK\r\nX-One: 1\r\nDate: x\r\n\r\n");
    Http2Headers fields = Http2Fields.response(head, false, DATE);
    head.headers().set(io.sluice.api.http.HeaderName.of("x-one"), "changed");
    java.util.Arrays.fill(head.headers.bytes, (byte) '!');
    assertThat(text(fields)).containsExactly(":status=200", "x-one=1", "date=x");
  }

  @Test
  void tellsAnOpenedTunnelByStatus200() {
    ParsedResponse head =
        Heads.response(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Accept: x\r\nSec-WebSocket-Protocol: chat\r\nDate: x\r\n\r\n");
    assertThat(text(Http2Fields.response(head, false, DATE)))
        .containsExactly(":status=200", "sec-websocket-protocol=chat", "date=x");
  }

  @Test
  void writesInformationalHeads() {
    ParsedResponse head =
        Heads.response("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: close\r\n\r\n");
    assertThat(text(Http2Fields.informational(head))).containsExactly(":status=103", "link=</a>");
    assertThat(text(Http2Fields.continueHead())).containsExactly(":status=100");
  }

  private Http2Headers request(String text, String upgrade) {
    ParsedRequest request = Heads.request(text);
    RequestWriter writer = new RequestWriter().reset(request.framing());
    if (upgrade != null) {
      writer.upgrade(upgrade);
    }
    return Http2Fields.request(writer, request, forwarded, HTTPS);
  }

  @Test
  void writesARequest() {
    assertThat(
            text(
                request(
                    "POST /a?b HTTP/1.1\r\nHost: x.example\r\nTransfer-Encoding: chunked\r\n"
                        + "TE: trailers\r\nConnection: close, TE\r\nCookie: a=1\r\n\r\n",
                    null)))
        .containsExactly(
            ":method=POST",
            ":path=/a?b",
            ":scheme=https",
            ":authority=x.example",
            "cookie=a=1",
            "x-forwarded-for=192.0.2.1",
            "x-forwarded-proto=https",
            "x-forwarded-port=443",
            "x-forwarded-host=x.example",
            "via=1.1 sluice",
            "te=trailers");
  }

  @Test
  void writesAnUpgradeAsAnExtendedConnect() {
    assertThat(
            text(
                request(
                    "GET /chat HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Key: abc\r\nContent-Length: 0\r\nSec-WebSocket-Version: 13\r\n\r\n",
                    "websocket")))
        .contains(
            ":method=CONNECT",
            ":protocol=websocket",
            ":path=/chat",
            ":scheme=https",
            ":authority=x",
            "sec-websocket-version=13")
        .noneMatch(line -> line.matches("(sec-websocket-key|upgrade|content-length)=.*"));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    Http2Headers written = request("GET /a%20b?c HTTP/1.1\r\nHost: x:1\r\nX-Y: z\r\n\r\n", null);
    Http2Headers copy = new DefaultHttp2Headers();
    written.forEach(field -> copy.add(field.getKey(), field.getValue()));
    ParsedRequest read =
        new Http2RequestReader(Set.of())
            .read(copy, true, new RequestParser(4096, 30, "https", true));
    assertThat(read.authority()).isEqualTo("x:1");
    assertThat(read.path()).isEqualTo("/a%20b");
    assertThat(read.query()).isEqualTo("c");
    assertThat(read.headers().get("x-y")).isEqualTo("z");
  }

  @Test
  void trailersPassBothWaysHeldToTheirRules() {
    Http2Headers came = new DefaultHttp2Headers(false);
    came.add("grpc-status", "0").add("content-type", "x").add("grpc-message", "fine");
    ByteHeaders fields = Http2Fields.readTrailers(came);
    assertThat(fields).isNotNull();
    assertThat(text(Http2Fields.trailers(fields)))
        .containsExactly("grpc-status=0", "grpc-message=fine");
    assertThat(Http2Fields.readTrailers(new DefaultHttp2Headers(false))).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {":status", "content-length", "transfer-encoding", "host", "X-Upper"})
  void refusesTrailersThatFrameOrRoute(String name) {
    assertThatThrownBy(
            () -> Http2Fields.readTrailers(new DefaultHttp2Headers(false).add(name, "1")))
        .isInstanceOf(Http2MalformedException.class);
  }

  private static ParsedResponse response(
      Http2Headers fields, boolean toHead, boolean end, String key) {
    ParsedResponse target = new ParsedResponse();
    new Http2ResponseReader(4096, 20).read(fields, target, toHead, end, key);
    return target;
  }

  private static Http2Headers status(String status) {
    return new DefaultHttp2Headers(false).status(status);
  }

  @Test
  void readsResponses() {
    ParsedResponse sized = response(status("200").add("content-length", "3"), false, false, null);
    assertThat(sized.status()).isEqualTo(200);
    assertThat(sized.framing()).isEqualTo(Framing.LENGTH);
    assertThat(sized.contentLength()).isEqualTo(3);
    assertThat(sized.keepAlive()).isTrue();
    assertThat(response(status("200"), false, false, null).framing()).isEqualTo(Framing.CHUNKED);
    assertThat(response(status("200"), false, true, null).framing()).isEqualTo(Framing.NONE);
    Http2Headers toHead = status("200").add("content-length", "3");
    assertThat(response(toHead, true, true, null).framing()).isEqualTo(Framing.NONE);
    assertThat(response(status("103"), false, false, null).informational()).isTrue();
  }

  @Test
  void readsTheAnswerToAnExtendedConnectAs101() {
    ParsedResponse opened = response(status("200"), false, false, "dGhlIHNhbXBsZSBub25jZQ==");
    assertThat(opened.status()).isEqualTo(101);
    assertThat(opened.headers().get("sec-websocket-accept")) // RFC 6455 §1.3
        .isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assertThat(response(status("403"), false, true, "key").status()).isEqualTo(403);
  }

  @Test
  void refusesResponsesThatAreNone() {
    for (Http2Headers fields :
        List.of(
            new DefaultHttp2Headers(false),
            status("20"),
            status("2000"),
            status("2 0"),
            status("101"),
            status("200").add("connection", "close"),
            status("200").add("x", "a\r\nb"))) {
      assertThatThrownBy(() -> response(fields, false, false, null))
          .isInstanceOfSatisfying(
              FramingException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.BAD_RESPONSE));
    }
    assertThatThrownBy(() -> response(status("100"), false, true, null))
        .isInstanceOf(FramingException.class);
    assertThatThrownBy(() -> response(status("200").add("content-length", "3"), false, true, null))
        .isInstanceOf(FramingException.class);
  }
}
