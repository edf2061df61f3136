package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.api.http.Headers;
import io.sluice.api.http.RequestHead;
import io.sluice.api.middleware.Attribute;
import io.sluice.api.middleware.BodyTransform;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.upstream.Endpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

class MiddlewarePhasesTest {

  @TempDir Path home;
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
  private Peer peer;
  private Running running;

  /** Notes every step; {@code X-Do: NAME-PHASE} in the request makes that step misbehave. */
  private final class Noting implements Middleware {
    private final String name;
    private final Attribute<String> kept;

    Noting(String name, Attribute<String> kept) {
      this.name = name;
      this.kept = kept;
    }

    private boolean asked(Exchange exchange, String what) {
      return (name + "-" + what).equals(exchange.request().headers().get("X-Do"));
    }

    private void maybeThrow(Exchange exchange, String phase) {
      if (asked(exchange, "throw-" + phase)) {
        throw new IllegalStateException("as asked");
      }
    }

    @Override
    public Flow onRequest(Exchange exchange) {
      seen.add(name + " request" + (exchange.get(kept) == null ? "" : " stale"));
      exchange.set(kept, name + exchange.request().path());
      maybeThrow(exchange, "request");
      if (asked(exchange, "respond")) {
        return exchange.respond(
            418, Map.of("X-By", name), "short".getBytes(StandardCharsets.UTF_8));
      }
      if (asked(exchange, "respond-then-continue")) {
        exchange.respond(418, Map.of(), "short".getBytes(StandardCharsets.UTF_8));
      }
      if (asked(exchange, "suspend-then-continue")) {
        exchange.suspend(Duration.ofSeconds(30)).resume();
      }
      if (asked(exchange, "suspend-then-throw")) {
        exchange.suspend(Duration.ofSeconds(30)).resume();
        throw new IllegalStateException("as asked");
      }
      return asked(exchange, "suspended-only") ? Flow.SUSPENDED : Flow.CONTINUE;
    }

    @Override
    public Flow onResponse(Exchange exchange) {
      seen.add(name + " response " + exchange.response().status());
      assertThat(exchange.get(kept)).isEqualTo(name + exchange.request().path());
      exchange.response().headers().add("X-Passed", name);
      maybeThrow(exchange, "response");
      if (asked(exchange, "replace")) {
        return exchange.respond(
            418, Map.of("X-By", name), "other".getBytes(StandardCharsets.UTF_8));
      }
      return Flow.CONTINUE;
    }

    @Override
    public @Nullable BodyTransform requestBody(Exchange exchange) {
      maybeThrow(exchange, "request-body");
      return null;
    }

    @Override
    public @Nullable BodyTransform responseBody(Exchange exchange) {
      maybeThrow(exchange, "response-body");
      return null;
    }

    @Override
    public void onAttempt(Exchange exchange, RequestHead head, Endpoint endpoint) {
      maybeThrow(exchange, "attempt");
      head.headers().add("X-Attempt", name + endpoint.port());
    }

    @Override
    public void onTrailers(Exchange exchange, Headers trailers) {
      maybeThrow(exchange, "trailers");
      trailers.set("X-Trailer-" + name, "yes");
    }

    @Override
    public void onComplete(Exchange exchange, Outcome outcome) {
      seen.add(name + " complete " + outcome.result());
      outcomes.add(outcome);
      maybeThrow(exchange, "complete");
    }
  }

  @BeforeEach
  void boot() {
    peer = Peer.saying("hello");
    MiddlewareFactory noting =
        Running.middleware(
            "noting",
            (config, context) ->
                new Noting(
                    config.string("name").describe("for the notes").orElse("?"),
                    context.attribute(String.class)));
    running =
        Running.start(
            home,
            Running.COMMON
                + """
                listeners.web.middleware = [ { type = noting, name = outer } ]
                upstreams.app.endpoints = ["%s"]
                upstreams.dead.endpoints = ["127.0.0.1:1"]
                middleware.lenient { type = noting, name = lenient, on-error = continue }
                routes = [
                  { match.path-prefix = "/app", middleware = [ { type = noting, name = a }, lenient,
                      { type = noting, name = b } ], upstream = app }
                  { match.path-prefix = "/dead", middleware = [ { type = noting, name = a } ], upstream = dead }
                  { match.path-prefix = "/fixed", middleware = [ { type = noting, name = a } ]
                    respond { status = 200, body = "fixed" } }
                ]
                """
                    .formatted(peer.address()),
            noting);
  }

  @AfterEach
  void stop() {
    running.close();
    peer.close();
  }

  private Caller.Response get(String path, String todo) throws IOException {
    try (Caller caller = running.caller()) {
      Caller.Response response = caller.get(path, "X-Do: " + todo);
      await().untilAsserted(() -> assertThat(outcomes).isNotEmpty());
      return response;
    }
  }

  @Test
  void runsInTheOrderOfTheListAndInReverse() throws Exception {
    assertThat(get("/app", "nothing").headers().get("x-passed")).isEqualTo("b, lenient, a, outer");
    await().until(() -> seen.size() == 12);
    assertThat(seen)
        .containsExactly(
            "outer request",
            "a request",
            "lenient request",
            "b request",
            "b response 200",
            "lenient response 200",
            "a response 200",
            "outer response 200",
            "b complete COMPLETED",
            "lenient complete COMPLETED",
            "a complete COMPLETED",
            "outer complete COMPLETED");
  }

  @Test
  void anAnswerOfAMiddlewarePassesThoseThatRan() throws Exception {
    Caller.Response response = get("/app", "a-respond");
    assertThat(response.status()).isEqualTo(418);
    assertThat(response.body()).isEqualTo("short");
    await().until(() -> seen.size() == 6);
    assertThat(seen)
        .containsExactly(
            "outer request",
            "a request",
            "a response 418",
            "outer response 418",
            "a complete COMPLETED",
            "outer complete COMPLETED");
    assertThat(peer.lines).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"/dead,502", "/none,404"})
  void errorsOfTheProxyPassThoseThatRan(String path, int status) throws Exception {
    Caller.Response response = get(path, "nothing");
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.headers().get("x-passed")).endsWith("outer");
    assertThat(seen).contains("outer response " + status).containsOnlyOnce("outer request");
    await().untilAsserted(() -> assertThat(seen).containsOnlyOnce("outer complete FAILED"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a-throw-request",
        "a-throw-response",
        "a-throw-attempt",
        "a-throw-response-body",
        "a-respond-then-continue",
        "a-suspend-then-continue",
        "a-suspend-then-throw",
        "a-suspended-only"
      })
  void aPluginThatMisbehavesFailsTheExchangeAndNoOther(String todo) throws Exception {
    try (Caller caller = running.caller()) {
      Caller.Response response = caller.get("/app", "X-Do: " + todo);
      assertThat(response.status()).isEqualTo(500);
      assertThat(response.headers().get("proxy-status")).contains("proxy_internal_error");
      assertThat(response.headers().get("x-passed")).endsWith("outer");
      assertThat(caller.get("/app").body()).isEqualTo("hello");
    }
    await()
        .untilAsserted(
            () ->
                assertThat(seen.stream().filter(note -> note.startsWith("outer complete")))
                    .containsExactly("outer complete FAILED", "outer complete COMPLETED"));
  }

  @Test
  void aThrowWhenAskedForARequestTransformFailsTheExchange() throws Exception {
    try (Caller caller = running.caller()) {
      assertThat(caller.post("/app", "abc", "X-Do: a-throw-request-body").status()).isEqualTo(500);
    }
    try (Caller caller = running.caller()) {
      assertThat(caller.post("/app", "abc", "X-Do: lenient-throw-request-body").status())
          .isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lenient-throw-request",
        "lenient-throw-response",
        "lenient-throw-attempt",
        "lenient-throw-response-body",
        "lenient-throw-complete",
        "lenient-suspend-then-throw"
      })
  void goesOnWhereTheBindingSaysSo(String todo) throws Exception {
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/app", "X-Do: " + todo).body()).isEqualTo("hello");
      assertThat(caller.get("/app").body()).isEqualTo("hello");
    }
    assertThat(peer.lines).hasSize(2);
    await()
        .untilAsserted(
            () -> assertThat(seen.stream().filter("outer complete COMPLETED"::equals)).hasSize(2));
  }

  @Test
  void aResponseCanBeReplaced() throws Exception {
    try (Caller caller = running.caller()) {
      Caller.Response response = caller.get("/app", "X-Do: b-replace");
      assertThat(response.status()).isEqualTo(418);
      assertThat(response.body()).isEqualTo("other");
      assertThat(response.headers()).containsEntry("x-passed", "lenient, a, outer");
      assertThat(caller.get("/app").body()).isEqualTo("hello");
    }
  }

  @Test
  void trailersCanBeEditedAndAThrowThereBreaksOff() throws Exception {
    peer.script =
        request ->
            Peer.write(
                request,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n");
    assertThat(get("/app", "nothing").body()).contains("x-trailer-a=yes", "x-t=1");
    try (Caller caller = running.caller()) {
      assertThatThrownBy(() -> caller.get("/app", "X-Do: a-throw-trailers"))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void attemptEditsReachTheEndpointOnly() throws Exception {
    get("/app", "nothing");
    assertThat(peer.heads.get(0).get("x-attempt")).startsWith("outer").contains(", a", ", b");
  }

  @Test
  void aClientThatLeavesIsACancellation() throws Exception {
    peer.script = request -> request.content().read();
    try (Caller caller = running.caller()) {
      caller.send(Caller.request("GET", "/app", ""));
      await().until(() -> !peer.lines.isEmpty());
      caller.socket.setSoLinger(true, 0); // a reset: a mere half-close is no cancellation
    }
    await().untilAsserted(() -> assertThat(seen).contains("outer complete CANCELLED"));
    assertThat(seen).filteredOn(note -> note.contains("complete")).hasSize(4);
    assertThat(outcomes.get(0).status()).isZero();
    await().until(() -> peer.connections() == 0);
  }

  @Test
  void attributesAreClearedBetweenExchanges() throws Exception {
    try (Caller caller = running.caller()) {
      for (int i = 0; i < 50; i++) {
        caller.get(i % 2 == 0 ? "/app" : "/fixed");
      }
    }
    assertThat(seen).noneMatch(note -> note.endsWith("stale"));
  }
}
