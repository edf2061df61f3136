package io.sluice.plugin.grpcweb;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.http.HeaderName;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.plugin.testkit.ExchangeHarness;
import io.sluice.plugin.testkit.FakeExchange;
import io.sluice.plugin.testkit.FakeHeaders;
import io.sluice.plugin.testkit.PluginTester;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcWebMiddlewareTest {

  private static final String MESSAGE = "\0\0\0\0\5hello";

  @Test
  void isFoundUnderItsNameAndNeedsNoKeys() {
    assertThat(ServiceLoader.load(MiddlewareFactory.class))
        .anyMatch(factory -> factory.type().equals("grpc-web") && factory.safeWithoutConfig());
    assertThat(PluginTester.of(new GrpcWebFactory()).create("text = on").problems())
        .containsExactly("plugin.conf:1: text: unknown key (expected: type)");
  }

  @ParameterizedTest
  @CsvSource({
    "application/grpc-web,application/grpc",
    "application/grpc-web+proto,application/grpc+proto",
    "Application/GRPC-Web+json; charset=x,application/grpc+json; charset=x",
    "application/grpc-web-text,application/grpc",
    "application/grpc-web-text+proto,application/grpc+proto"
  })
  void makesACallOfIt(String web, String grpc) {
    FakeExchange exchange =
        send("POST /a.B/C HTTP/1.1\nContent-Type: " + web + "\nAccept: " + web, "");

    assertThat(exchange.request().headers().lines())
        .containsExactlyInAnyOrder("Content-Type: " + grpc, "TE: trailers");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\nContent-Type: application/grpc-web",
        "POST / HTTP/1.1\nContent-Type: application/grpc",
        "POST / HTTP/1.1\nContent-Type: application/grpc-webx",
        "POST / HTTP/1.1\nContent-Type: application/grpc-web-texts",
        "POST / HTTP/1.1\nContent-Type: text/plain",
        "POST / HTTP/1.1"
      })
  void letsEverythingElseAlone(String head) {
    FakeExchange exchange = send(head, "AAAA");
    List<String> lines = exchange.request().headers().lines();
    exchange.answer(
        "200\nContent-Type: application/grpc", List.of(MESSAGE), FakeHeaders.of("grpc-status: 0"));

    assertThat(lines).doesNotContain("TE: trailers");
    assertThat(exchange.forwardedContent()).isEqualTo("AAAA");
    assertThat(exchange.response().headers().get("Content-Type")).isEqualTo("application/grpc");
    assertThat(exchange.body()).isEqualTo(MESSAGE);
    assertThat(exchange.trailers()).isNotNull();
  }

  @Test
  void trailersBecomeTheLastFrame() {
    FakeExchange exchange = call("application/grpc-web+proto", "", MESSAGE);

    exchange.answer(
        "200\nContent-Type: application/grpc+proto\nContent-Length: 20\nTrailer: Grpc-Status",
        List.of(MESSAGE, MESSAGE),
        FakeHeaders.of("Grpc-Status: 0", "X-Cost: 7", "x-cost: 8"));

    assertThat(exchange.forwardedContent()).isEqualTo(MESSAGE);
    assertThat(exchange.response().headers().lines())
        .containsExactly("Content-Type: application/grpc-web+proto");
    String lines = "grpc-status:0\r\nx-cost:7\r\nx-cost:8\r\n";
    assertThat(latin(exchange.bodyBytes()))
        .isEqualTo(MESSAGE + MESSAGE + "\u0080\0\0\0" + (char) lines.length() + lines);
    assertThat(exchange.trailers()).isNull();
  }

  @Test
  void textIsDecodedOnTheWayInAndEncodedOnTheWayOut() {
    String text = base64(MESSAGE);
    FakeExchange exchange =
        call("application/grpc-web-text", "", text.substring(0, 3), text.substring(3));

    exchange.answer(
        "200\nContent-Type: application/grpc",
        List.of(MESSAGE.substring(0, 2), MESSAGE.substring(2)),
        FakeHeaders.of("grpc-status: 0"));

    assertThat(exchange.forwardedContent()).isEqualTo(MESSAGE);
    assertThat(exchange.response().headers().get("Content-Type"))
        .isEqualTo("application/grpc-web-text");
    assertThat(exchange.body()).isEqualTo(text + base64("\u0080\0\0\0\17grpc-status:0\r\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/grpc-web | application/grpc-web-text | application/grpc-web-text",
        "application/grpc-web-text | application/grpc-web+proto | application/grpc-web",
        "application/grpc-web-text | */* | application/grpc-web-text",
        "application/grpc-web | text/html, application/grpc-web-text;q=1 | application/grpc-web-text",
        "application/grpc-web | application/grpc | application/grpc-web"
      })
  void answersWhatTheClientTakes(String type, String accept, String answered) {
    FakeExchange exchange = call(type, "Accept: " + accept, "");

    exchange.answer("200\nContent-Type: application/grpc\ngrpc-status: 0");

    assertThat(exchange.response().headers().get("Content-Type")).isEqualTo(answered);
  }

  @Test
  void whatEndsWithItsHeadKeepsItsStatusThere() {
    FakeExchange exchange = call("application/grpc-web-text", "", "");

    exchange.answer("200\nContent-Type: application/grpc\ngrpc-status: 14\ngrpc-message: gone");

    assertThat(exchange.response().headers().lines())
        .containsExactly(
            "Content-Type: application/grpc-web-text", "grpc-status: 14", "grpc-message: gone");
    assertThat(exchange.body()).isEmpty();
  }

  @Test
  void aResponseThatEndsWithoutAStatusIsNoSuccess() {
    FakeExchange exchange = call("application/grpc-web", "", "");

    exchange.answer("200\nContent-Type: application/grpc", MESSAGE);

    assertThat(latin(exchange.bodyBytes()))
        .startsWith(MESSAGE + "\u0080\0\0\0")
        .endsWith("grpc-status:13\r\ngrpc-message:the response ended without a status\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/html", "application/grpc-web+proto", "application/json"})
  void anAnswerThatIsNoGrpcPasses(String type) {
    FakeExchange exchange = call("application/grpc-web-text", "", "");

    exchange.answer("404\nContent-Type: " + type, "not here");

    assertThat(exchange.response().headers().lines()).contains("Content-Type: " + type);
    assertThat(exchange.body()).isEqualTo("not here");
  }

  private static FakeExchange call(String type, String more, String... content) {
    String head = "POST /a.B/C HTTP/1.1\nContent-Type: " + type;
    return send(more.isEmpty() ? head : head + "\n" + more, content);
  }

  private static FakeExchange send(String head, String... content) {
    Middleware web = PluginTester.of(new GrpcWebFactory()).create("").instance();
    FakeExchange exchange = ExchangeHarness.through(web).send(head, content);
    assertThat(exchange.request().headers().all(HeaderName.of("Content-Type")).size())
        .isLessThan(2);
    return exchange;
  }

  private static String base64(String octets) {
    return Base64.getEncoder().encodeToString(octets.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String latin(byte[] octets) {
    return new String(octets, StandardCharsets.ISO_8859_1);
  }
}
