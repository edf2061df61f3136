package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.api.http.Chunk;
import io.sluice.api.http.Headers;
import io.sluice.api.http.RequestHead;
import io.sluice.api.http.ResponseHead;
import io.sluice.api.middleware.BodySink;
import io.sluice.api.middleware.BodyTransform;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.middleware.Resumption;
import io.sluice.api.upstream.Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a plugin throws ends its own exchange, whatever it throws and wherever; and no other. */
class PluginErrorTest {

  @TempDir Path home;
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private Peer peer;
  private Running running;

  /** Throws in the step that {@code X-Break} names what {@code X-With} names. */
  private final class Breaking implements Middleware {

    private void at(Exchange exchange, String step) {
      if (!step.equals(exchange.request().headers().get("X-Break"))) {
        return;
      }
      String with = exchange.request().headers().get("X-With");
      switch (with == null ? "" : with) {
        case "linkage" -> throw new NoClassDefFoundError("as asked");
        case "overflow" -> overflow(0);
        case "sneaky" -> sneak(new IOException("as asked"));
        default -> throw new AssertionError("as asked");
      }
    }

    private int overflow(int depth) {
      return depth < 0 ? depth : 1 + overflow(depth + 1) + overflow(depth + 2);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private <T extends Throwable> void sneak(Throwable thrown) throws T {
      throw (T) thrown;
    }

    @Override
    public Flow onRequest(Exchange exchange) {
      at(exchange, "request");
      String step = exchange.request().headers().get("X-Break");
      if ("null".equals(step)) {
        return nothing();
      }
      if ("resumption".equals(step)) {
        exchange.suspend(Duration.ofSeconds(30)).resume(woken -> broken(woken));
        return Flow.SUSPENDED;
      }
      if ("null-resumption".equals(step)) {
        exchange.suspend(Duration.ofSeconds(30)).resume(woken -> nothing());
        return Flow.SUSPENDED;
      }
      if ("writer".equals(step)) {
        return exchange.respondStreaming(200, Map.of(), writer -> at(exchange, "writer"));
      }
      return Flow.CONTINUE;
    }

    private Flow broken(Exchange exchange) {
      at(exchange, "resumption");
      return Flow.CONTINUE;
    }

    @SuppressWarnings("NullAway")
    private Flow nothing() {
      return null;
    }

    @Override
    public Flow onResponse(Exchange exchange) {
      at(exchange, "response");
      return switch (String.valueOf(exchange.request().headers().get("X-Break"))) {
        case "responded-only" -> Flow.RESPONDED;
        case "suspend-then-continue" -> {
          exchange.suspend(Duration.ofSeconds(30)).resume();
          yield Flow.CONTINUE;
        }
        case "late-suspension" -> {
          Resumption resumption = exchange.suspend(Duration.ofMillis(10));
          assertThat(resumption).isNotNull();
          yield Flow.SUSPENDED;
        }
        default -> Flow.CONTINUE;
      };
    }

    @Override
    public void onAttempt(Exchange exchange, RequestHead head, Endpoint endpoint) {
      at(exchange, "attempt");
    }

    @Override
    public void onInformational(Exchange exchange, ResponseHead head) {
      at(exchange, "informational");
    }

    @Override
    public void onTrailers(Exchange exchange, Headers trailers) {
      at(exchange, "trailers");
    }

    @Override
    public void onComplete(Exchange exchange, Outcome outcome) {
      seen.add("breaking " + outcome.result());
      at(exchange, "complete");
    }

    @Override
    public @Nullable BodyTransform requestBody(Exchange exchange) {
      at(exchange, "request-body");
      return transform(exchange, "request");
    }

    @Override
    public @Nullable BodyTransform responseBody(Exchange exchange) {
      at(exchange, "response-body");
      return transform(exchange, "response");
    }

    private @Nullable BodyTransform transform(Exchange exchange, String side) {
      String step = exchange.request().headers().get("X-Break");
      if (step == null || !step.startsWith(side + "-transform")) {
        return null;
      }
      return new BodyTransform() {
        @Override
        public boolean holdsHead() {
          at(exchange, side + "-transform-holds");
          return true;
        }

        @Override
        public long contentLength() {
          at(exchange, side + "-transform-length");
          return -1;
        }

        @Override
        public void onChunk(Chunk chunk, BodySink sink) {
          at(exchange, side + "-transform-chunk");
          if (step.contains("after-end")) {
            sink.write(ByteBuffer.wrap(new byte[] {'x'}));
            sink.end(null);
            throw new AssertionError("as asked");
          }
        }

        @Override
        public void onEnd(@Nullable Headers trailers, BodySink sink) {
          at(exchange, side + "-transform-end");
          sink.end(trailers);
        }

        @Override
        public void onAbort() {
          seen.add(side + " abort");
          throw new AssertionError("as asked");
        }
      };
    }
  }

  /** Marks every response that passes it, each time. */
  private final class Witness implements Middleware {
    @Override
    public Flow onResponse(Exchange exchange) {
      seen.add("witness " + exchange.response().status());
      exchange.response().headers().add("X-Witness", "yes");
      return Flow.CONTINUE;
    }

    @Override
    public void onComplete(Exchange exchange, Outcome outcome) {
      seen.add("witness " + outcome.result());
    }
  }

  @BeforeEach
  void boot() {
    peer =
        Peer.of(
            request -> {
              request.body();
              Peer.write(
                  request,
                  "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                      + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      + "5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n");
            });
    running =
        Running.start(
            home,
            Running.COMMON
                + """
                upstreams.app.endpoints = ["%s"]
                routes = [ { middleware = [ breaking, witness ], upstream = app } ]
                """
                    .formatted(peer.address()),
            Running.middleware("breaking", (config, context) -> new Breaking()),
            Running.middleware("witness", (config, context) -> new Witness()));
  }

  @AfterEach
  void stop() {
    running.close();
    peer.close();
  }

  private void isWhole(Caller caller) throws IOException {
    assertThat(caller.get("/").body()).startsWith("hello");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "request",
        "null",
        "resumption",
        "null-resumption",
        "response",
        "responded-only",
        "suspend-then-continue",
        "late-suspension",
        "attempt",
        "informational",
        "response-body",
        "response-transform-holds",
        "response-transform-length",
        "response-transform-chunk",
        "response-transform-end"
      })
  void anErrorInAStepIsAnsweredWith500(String step) throws Exception {
    try (Caller caller = running.caller()) {
      Caller.Response response = caller.get("/", "X-Break: " + step);
      assertThat(response.status()).isEqualTo(500);
      assertThat(response.headers().get("proxy-status")).contains("proxy_internal_error");
      isWhole(caller);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "request,linkage",
    "request,overflow",
    "request,sneaky",
    "response,overflow",
    "attempt,linkage",
    "informational,sneaky",
    "response-transform-chunk,overflow"
  })
  void whateverItIs(String step, String with) throws Exception {
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/", "X-Break: " + step, "X-With: " + with).status()).isEqualTo(500);
      isWhole(caller);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "request-body",
        "request-transform-length",
        "request-transform-chunk",
        "request-transform-end"
      })
  void anErrorAboutRequestContentIsAnsweredWith500(String step) throws Exception {
    try (Caller caller = running.caller()) {
      assertThat(caller.post("/", "abc", "X-Break: " + step).status()).isEqualTo(500);
    }
    try (Caller caller = running.caller()) {
      isWhole(caller);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"trailers", "writer"})
  void anErrorBehindTheHeadBreaksTheResponseOff(String step) throws Exception {
    try (Caller caller = running.caller()) {
      assertThatThrownBy(() -> caller.get("/", "X-Break: " + step)).isInstanceOf(IOException.class);
    }
    await().untilAsserted(() -> assertThat(seen).contains("breaking FAILED"));
    try (Caller caller = running.caller()) {
      isWhole(caller);
    }
  }

  @Test
  void anErrorAtTheEndKeepsNobodyElseFromIt() throws Exception {
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/", "X-Break: complete").status()).isEqualTo(200);
      isWhole(caller);
    }
    await()
        .untilAsserted(
            () ->
                assertThat(seen)
                    .filteredOn(note -> note.endsWith("COMPLETED"))
                    .hasSize(4)
                    .contains("witness COMPLETED", "breaking COMPLETED"));
  }

  @Test
  void anErrorAfterATransformEndedItsContentIsToNoAvail() throws Exception {
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/", "X-Break: response-transform-after-end").status()).isEqualTo(200);
    }
    try (Caller caller = running.caller()) {
      isWhole(caller);
    }
  }

  /** The witness had passed the endpoint's 200 before the other middleware failed. */
  @ParameterizedTest
  @ValueSource(strings = {"response", "late-suspension", "response-transform-chunk"})
  void theReplacementPassesThoseThatHadSeenWhatItReplaces(String step) throws Exception {
    try (Caller caller = running.caller()) {
      Caller.Response response = caller.get("/", "X-Break: " + step);
      assertThat(response.status()).isEqualTo(500);
      assertThat(response.headers().get("x-witness")).isEqualTo("yes");
    }
    assertThat(seen).contains("witness 200", "witness 500");
  }
}
