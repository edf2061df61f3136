package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseParserTest {

  private static final String RESPONSE =
      "HTTP/1.1 404 Not Here\r\nServer: x\r\nconnection: X-Hop, close\r\nContent-Length: 5\r\n\r\n";

  private final ParsedResponse response = new ParsedResponse();
  private final ResponseParser parser = new ResponseParser(1024, 4);

  @Test
  void readsAHeadCutAtEveryIndex() {
    for (int cut = 1; cut < RESPONSE.length(); cut++) {
      parser.reset(response);
      assertThat(parser.read(Heads.buffer(RESPONSE.substring(0, cut)), false)).isFalse();
      ByteBuf rest = Heads.buffer(RESPONSE.substring(cut) + "hello");
      assertThat(parser.read(rest, false)).isTrue();
      assertThat(Heads.text(rest)).isEqualTo("hello");
      assertThat(response.status()).isEqualTo(404);
      assertThat(response.framing()).isEqualTo(Framing.LENGTH);
      assertThat(response.contentLength()).isEqualTo(5);
      assertThat(response.keepAlive()).isFalse();
      assertThat(response.connectionNames()).containsExactly("x-hop");
      assertThat(response.headers().get("server")).isEqualTo("x");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1.1 200 OK,        false, 'Content-Length: 5',         LENGTH,      true",
    "1.1 200,           false, 'Content-Length: 0',         NONE,        true",
    "1.1 200 ,          false, 'Transfer-Encoding: Chunked', CHUNKED,    true",
    "1.1 200 OK,        false, 'X: y',                      UNTIL_CLOSE, false",
    "1.0 200 OK,        false, 'Content-Length: 5',         LENGTH,      false",
    "1.0 200 OK,        false, 'Connection: keep-alive',    UNTIL_CLOSE, false",
    "1.1 200 OK,        true,  'Content-Length: 5',         NONE,        true",
    "1.1 200 OK,        true,  'X: y',                      NONE,        true",
    "1.1 304 OK,        false, 'Content-Length: 5',         NONE,        true",
    "1.1 204 OK,        false, 'Content-Length: 0',         NONE,        true",
    "1.1 103 Hints,     false, 'X: y',                      NONE,        true",
  })
  void framing(String start, boolean toHead, String line, Framing framing, boolean keepAlive) {
    parser.reset(response);
    assertThat(parser.read(Heads.buffer("HTTP/" + start + "\r\n" + line + "\r\n\r\n"), toHead))
        .isTrue();
    assertThat(response.framing()).isEqualTo(framing);
    assertThat(response.keepAlive()).isEqualTo(keepAlive);
  }

  @Test
  void knowsInformationalOnesButTheSwitch() {
    assertThat(Heads.response("HTTP/1.1 100 Continue\r\n\r\n").informational()).isTrue();
    assertThat(Heads.response("HTTP/1.1 101 Switch\r\n\r\n").informational()).isFalse();
    assertThat(Heads.response("HTTP/1.1 200 OK\r\n\r\n").informational()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 200OK\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n",
        "HTTP/3.1 200 OK\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 100 Go\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      })
  void refuses(String text) {
    for (int cut = 0; cut < text.length(); cut++) {
      int at = cut;
      parser.reset(response);
      assertThatThrownBy(
              () -> {
                parser.read(Heads.buffer(text.substring(0, at)), false);
                parser.read(Heads.buffer(text.substring(at)), false);
              })
          .isInstanceOfSatisfying(
              FramingException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.BAD_RESPONSE));
    }
  }

  @Test
  void limits() {
    String head = "HTTP/1.1 200 OK\r\n";
    assertThatThrownBy(() -> read(head + "A: b\r\n".repeat(5) + "\r\n"))
        .isInstanceOfSatisfying(
            FramingException.class,
            e -> assertThat(e.kind()).isEqualTo(ErrorKind.RESPONSE_TOO_LARGE));
    assertThatThrownBy(() -> read(head + "A: " + "b".repeat(1024) + "\r\n\r\n"))
        .isInstanceOfSatisfying(
            FramingException.class,
            e -> assertThat(e.kind()).isEqualTo(ErrorKind.RESPONSE_TOO_LARGE));
  }

  private void read(String text) {
    parser.reset(response);
    assertThat(parser.read(Heads.buffer(text), false)).isTrue();
  }

  @Test
  void aResponseOfOurOwnForgetsTheOneThatCame() {
    read("HTTP/1.0 200 OK\r\nConnection: x-a\r\nX-A: 1\r\nContent-Length: 5\r\n\r\n");
    response.start(502);
    assertThat(response.status()).isEqualTo(502);
    assertThat(response.headers().size()).isZero();
    assertThat(response.contentLength()).isEqualTo(-1);
    assertThat(response.connectionNames()).isNull();
  }
}
