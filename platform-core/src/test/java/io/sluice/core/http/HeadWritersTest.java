package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.core.http.ResponseWriter.Body;
import io.sluice.core.http.ResponseWriter.Persistence;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link RequestWriter}, {@link ResponseWriter} and {@link ForwardedLines}. */
class HeadWritersTest {

  private static final byte[] DATE =
      "Thu, 01 Jan 2026 00:00:00 GMT".getBytes(StandardCharsets.US_ASCII);
  private static final String FORWARDED =
      "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: 80\r\n"
          + "X-Forwarded-Host: a\r\nVia: 1.1 sluice\r\n";

  private final ForwardedLines untrusted = new ForwardedLines("10.0.0.1", "http", 80, false);
  private final ForwardedLines trusted = new ForwardedLines("10.0.0.1", "http", 80, true);
  private final RequestWriter writer = new RequestWriter();

  /** What is written, within the room that was promised. */
  private String write(ParsedRequest request, ForwardedLines forwarded) {
    int room = writer.roomNeeded(request, forwarded);
    ByteBuf out = Unpooled.buffer(room, room);
    writer.write(out, request, forwarded);
    return Heads.text(out);
  }

  private String write(String request) {
    ParsedRequest parsed = Heads.request(request);
    writer.reset(parsed.framing());
    return write(parsed, untrusted);
  }

  @Test
  void keepsTheSpellingAndOrderOfWhatPasses() {
    assertThat(write("GET /a?b HTTP/1.1\r\nB:  1\r\nhost:a\r\na: 2 \r\n\r\n"))
        .isEqualTo("GET /a?b HTTP/1.1\r\nHost: a\r\nB:  1\r\na: 2 \r\n" + FORWARDED + "\r\n");
  }

  @Test
  void writesTheNormalisedTarget() {
    assertThat(write("GET /a/../%62?c HTTP/1.1\r\nHost: a\r\n\r\n"))
        .startsWith("GET /b?c HTTP/1.1\r\n");
  }

  @Test
  void changesTargetAndHost() {
    ParsedRequest request = Heads.request("GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n");
    writer.reset(request.framing()).target("/" + "x".repeat(500)).host("y".repeat(200));
    assertThat(write(request, untrusted))
        .startsWith("GET /" + "x".repeat(500) + " HTTP/1.1\r\nHost: " + "y".repeat(200) + "\r\n")
        .contains("X-Forwarded-Host: a\r\n");
    writer.reset(request.framing());
    assertThat(write(request, untrusted)).startsWith("GET /a?b HTTP/1.1\r\nHost: a\r\n");
  }

  @Test
  void pathsThatMiddlewareSetGoOut() {
    ParsedRequest request = Heads.request("GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n");
    request.path("/" + "c".repeat(2000));
    request.query("d");
    writer.reset(request.framing());
    assertThat(write(request, untrusted))
        .startsWith("GET /" + "c".repeat(2000) + "?d HTTP/1.1\r\n");
  }

  @Test
  void framesAsAsked() {
    String lengthed =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    assertThat(write(lengthed)).contains("Content-Length: 5\r\n", "Expect: 100-continue\r\n");
    ParsedRequest request = Heads.request(lengthed);
    writer.reset(request.framing()).rechunk().withoutExpect();
    assertThat(write(request, untrusted))
        .contains("Transfer-Encoding: chunked\r\n")
        .doesNotContain("Content-Length", "Expect");
    assertThat(write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n"))
        .containsOnlyOnce("Transfer-Encoding: chunked\r\n");
  }

  @Test
  void upgradesReplaceTrailersInConnection() {
    ParsedRequest request =
        Heads.request(
            "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE, Upgrade\r\n"
                + "Upgrade: websocket\r\n\r\n");
    writer.reset(request.framing());
    assertThat(write(request, untrusted))
        .contains("TE: trailers\r\n", "Connection: TE\r\n")
        .doesNotContain("Upgrade");
    writer.reset(request.framing()).upgrade("websocket");
    assertThat(write(request, untrusted))
        .containsOnlyOnce("Upgrade: websocket\r\n")
        .containsOnlyOnce("Connection: ")
        .containsIgnoringCase("Connection: upgrade\r\n");
  }

  @Test
  void trustedLinesAreAppendedTo() {
    ParsedRequest request =
        Heads.request(
            "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nx-forwarded-for: 2.2.2.2\r\n"
                + "X-Forwarded-Proto: https\r\nForwarded: for=1.1.1.1\r\nVia: 1.1 x\r\n\r\n");
    writer.reset(request.framing());
    assertThat(write(request, trusted))
        .containsOnlyOnce("X-Forwarded-For: 1.1.1.1, 2.2.2.2, 10.0.0.1\r\n")
        .containsOnlyOnce("X-Forwarded-Proto: https\r\n")
        .contains(
            "X-Forwarded-Port: 80\r\n", "X-Forwarded-Host: a\r\n", "Forwarded: for=1.1.1.1\r\n")
        .contains("Via: 1.1 x\r\n", "Via: 1.1 sluice\r\n");
    assertThat(write(request, untrusted))
        .contains("X-Forwarded-For: 10.0.0.1\r\n")
        .doesNotContain("1.1.1.1", "2.2.2.2", "https")
        .doesNotContain("\r\nForwarded:");
  }

  @Test
  void theRoomIsEnoughForTheLargestLines() {
    String value = "v".repeat(3000);
    ParsedRequest request =
        Heads.request(
            "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: "
                + value
                + "\r\nX-Forwarded-Host: "
                + value
                + "\r\nTE: trailers\r\n\r\n");
    request.headers().set("X-Added", "w".repeat(5000));
    writer.reset(Framing.CHUNKED);
    assertThat(write(request, trusted)).contains(value + ", 10.0.0.1\r\n", "w".repeat(5000));
  }

  private static String write(ParsedResponse response, Body body, Persistence persistence) {
    int room = ResponseWriter.roomNeeded(response);
    ByteBuf out = Unpooled.buffer(room, room);
    ResponseWriter.write(out, response, body, persistence, DATE);
    return Heads.text(out);
  }

  @ParameterizedTest
  @CsvSource({
    "AS_IS,       IMPLIED,    'Content-Length: 5|'",
    "AS_IS,       CLOSE,      'Content-Length: 5|,Connection: close|'",
    "AS_IS,       KEEP_ALIVE, 'Content-Length: 5|,Connection: keep-alive|'",
    "EMPTY,       IMPLIED,    'Content-Length: 0|'",
    "EMPTY,       KEEP_ALIVE, 'Content-Length: 0|,Connection: keep-alive|'",
    "CHUNKED,     IMPLIED,    'Transfer-Encoding: chunked|'",
    "UNTIL_CLOSE, CLOSE,      'Connection: close|'",
  })
  void responses(Body body, Persistence persistence, String lines) {
    ParsedResponse response =
        Heads.response(
            "HTTP/1.0 200 Whatever\r\nConnection: x-hop, keep-alive\r\nX-Hop: 1\r\nKeep-Alive: 2\r\n"
                + "Upgrade: h2c\r\nProxy-Connection: 3\r\nX-Kept: 4\r\nContent-Length: 5\r\n\r\n");
    String written = write(response, body, persistence);
    StringBuilder expected = new StringBuilder("HTTP/1.1 200 OK\r\nX-Kept: 4\r\n");
    String wanted = lines.replace("|", "\r\n").replace(",", "");
    if (body == Body.AS_IS) {
      expected.append("Content-Length: 5\r\n");
      wanted = wanted.replace("Content-Length: 5\r\n", "");
    }
    expected.append("Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n").append(wanted).append("\r\n");
    assertThat(written).isEqualTo(expected.toString());
  }

  @Test
  void theEndpointsOwnDateStays() {
    ParsedResponse response = Heads.response("HTTP/1.1 200 OK\r\nDate: then\r\n\r\n");
    assertThat(write(response, Body.AS_IS, Persistence.IMPLIED))
        .isEqualTo("HTTP/1.1 200 OK\r\nDate: then\r\n\r\n");
  }

  @Test
  void aSwitchKeepsItsProtocol() {
    ParsedResponse response =
        Heads.response(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    assertThat(write(response, Body.AS_IS, Persistence.IMPLIED))
        .contains("Upgrade: websocket\r\n", "Connection: upgrade\r\n")
        .containsOnlyOnce("Connection");
  }

  @Test
  void informationalOnesHaveNoDate() {
    ParsedResponse response =
        Heads.response("HTTP/1.1 103 X\r\nLink: y\r\nConnection: z\r\nZ: 1\r\n\r\n");
    ByteBuf out = Unpooled.buffer();
    ResponseWriter.writeInformational(out, response);
    ResponseWriter.writeContinue(out);
    assertThat(Heads.text(out))
        .isEqualTo("HTTP/1.1 103 Early Hints\r\nLink: y\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
  }

  @Test
  void statusesWithoutANameAreWrittenAllTheSame() {
    ParsedResponse response = Heads.response("HTTP/1.1 299 Own\r\nDate: x\r\n\r\n");
    assertThat(write(response, Body.AS_IS, Persistence.IMPLIED)).startsWith("HTTP/1.1 299 ");
  }
}
