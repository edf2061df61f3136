package io.sluice.plugin.testkit;

import static io.sluice.plugin.testkit.FakeExchange.State.ENDED;
import static io.sluice.plugin.testkit.FakeExchange.State.FORWARDED;
import static io.sluice.plugin.testkit.FakeExchange.State.SUSPENDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.api.error.ErrorKind;
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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExchangeHarnessTest {

  private static final String GET = "GET /a?b=c HTTP/1.1\nHost: A.example:8080\nAccept: x, y";

  private final List<String> events = new ArrayList<>();

  /** Tells what it sees. */
  private class Telling implements Middleware {

    private final String name;

    Telling(String name) {
      this.name = name;
    }

    @Override
    public Flow onRequest(Exchange exchange) {
      events.add(name + " request");
      return Flow.CONTINUE;
    }

    @Override
    public Flow onResponse(Exchange exchange) {
      events.add(name + " response " + exchange.response().status());
      return Flow.CONTINUE;
    }

    @Override
    public void onTrailers(Exchange exchange, Headers trailers) {
      events.add(name + " trailers");
    }

    @Override
    public void onComplete(Exchange exchange, Outcome outcome) {
      events.add(name + " " + outcome.result() + " " + outcome.status());
    }
  }

  /** Suspends the request. */
  private final class Waiting extends Telling {

    private final AtomicReference<@Nullable Resumption> resumption = new AtomicReference<>();

    Waiting(String name) {
      super(name);
    }

    @Override
    public Flow onRequest(Exchange exchange) {
      super.onRequest(exchange);
      resumption.set(exchange.suspend(Duration.ofSeconds(3)));
      return Flow.SUSPENDED;
    }

    Resumption resumption() {
      return Objects.requireNonNull(resumption.get());
    }
  }

  /** Turns a body into capitals. */
  private static final class Capitals implements BodyTransform {

    @Override
    public void onChunk(Chunk chunk, BodySink sink) {
      byte[] octets = new byte[chunk.length()];
      chunk.copyTo(octets, 0);
      String text = new String(octets, StandardCharsets.UTF_8).toUpperCase(Locale.ROOT);
      sink.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }
  }

  @Test
  void phasesRunInOrderAndBackInReverse() {
    FakeExchange exchange = ExchangeHarness.through(new Telling("a"), new Telling("b")).send(GET);
    assertThat(exchange.state()).isEqualTo(FORWARDED);
    assertThat(exchange.hasResponse()).isFalse();
    assertThat(exchange.outcome()).isNull();

    exchange.answer("HTTP/1.1 201 Created\nX: y", List.of("he", "llo"), FakeHeaders.of("T: u"));

    assertThat(events)
        .containsExactly(
            "a request",
            "b request",
            "b response 201",
            "a response 201",
            "b trailers",
            "a trailers",
            "b COMPLETED 201",
            "a COMPLETED 201");
    assertThat(exchange.state()).isEqualTo(ENDED);
    assertThat(exchange.body()).isEqualTo("hello");
    assertThat(Objects.requireNonNull(exchange.outcome()).responseBytes()).isEqualTo(5);
  }

  @Test
  void readsHeads() {
    FakeExchange exchange = FakeExchange.of(GET).from("198.51.100.1").variable("v", "w");

    assertThat(exchange.request().method()).isEqualTo("GET");
    assertThat(exchange.request().path()).isEqualTo("/a");
    assertThat(exchange.request().query()).isEqualTo("b=c");
    assertThat(exchange.request().host()).isEqualTo("a.example");
    assertThat(exchange.request().headers().lines())
        .containsExactly("Host: A.example:8080", "Accept: x, y");
    assertThat(
            exchange
                .request()
                .headers()
                .containsToken(io.sluice.api.http.HeaderName.of("accept"), "Y"))
        .isTrue();
    assertThat(exchange.variable("client-ip")).isEqualTo("198.51.100.1");
    assertThat(exchange.variable("v")).isEqualTo("w");
    assertThat(exchange.variable("none")).isNull();
  }

  @Test
  void aResponderIsPassedOnItsWayBackAndThoseBehindNeverRun() {
    Middleware responder =
        new Telling("responder") {
          @Override
          public Flow onRequest(Exchange exchange) {
            super.onRequest(exchange);
            return exchange.respond(403, Map.of("X", "y"), "no".getBytes(StandardCharsets.UTF_8));
          }
        };
    FakeExchange exchange =
        ExchangeHarness.through(new Telling("a"), responder, new Telling("never")).send(GET);

    assertThat(exchange.state()).isEqualTo(ENDED);
    assertThat(exchange.body()).isEqualTo("no");
    assertThat(exchange.response().headers().lines())
        .containsExactlyInAnyOrder("X: y", "Content-Length: 2");
    assertThat(events)
        .containsExactly(
            "a request",
            "responder request",
            "responder response 403",
            "a response 403",
            "responder COMPLETED 403",
            "a COMPLETED 403");
  }

  @Test
  void aResumptionWorksOnceAndFromAnyThread() {
    Waiting waiting = new Waiting("w");
    FakeExchange exchange = ExchangeHarness.through(waiting, new Telling("b")).send(GET);
    assertThat(exchange.state()).isEqualTo(SUSPENDED);
    assertThat(exchange.suspendedFor()).isEqualTo(Duration.ofSeconds(3));

    new Thread(() -> waiting.resumption().resume()).start();

    await().until(() -> exchange.state() == FORWARDED);
    assertThat(waiting.resumption().resume()).isFalse();
    assertThat(waiting.resumption().fail(new IllegalStateException())).isFalse();
    assertThat(events).containsExactly("w request", "b request");
  }

  @Test
  void aResumptionUsedBeforeThePhaseReturnsWaitsForIt() {
    Middleware hasty =
        new Telling("hasty") {
          @Override
          public Flow onRequest(Exchange exchange) {
            exchange
                .suspend(Duration.ofSeconds(1))
                .resume(
                    resumed -> {
                      events.add("step");
                      return Flow.CONTINUE;
                    });
            return super.onRequest(exchange) == Flow.CONTINUE ? Flow.SUSPENDED : Flow.CONTINUE;
          }
        };
    ExchangeHarness.through(hasty, new Telling("b")).send(GET);

    assertThat(events).containsExactly("hasty request", "step", "b request");
  }

  @Test
  void aStepMayRespondOrSuspendAgain() {
    Waiting waiting = new Waiting("w");
    FakeExchange exchange = ExchangeHarness.through(waiting).send(GET);
    AtomicReference<@Nullable Resumption> second = new AtomicReference<>();
    waiting
        .resumption()
        .resume(
            resumed -> {
              second.set(resumed.suspend(Duration.ofSeconds(9)));
              return Flow.SUSPENDED;
            });
    assertThat(exchange.state()).isEqualTo(SUSPENDED);

    Objects.requireNonNull(second.get())
        .resume(resumed -> resumed.respond(204, Map.of(), new byte[0]));

    assertThat(exchange.response().status()).isEqualTo(204);
    assertThat(exchange.state()).isEqualTo(ENDED);
  }

  @Test
  void aMissedDeadlineFailsTheExchangeAndLateUseDoesNothing() {
    Waiting waiting = new Waiting("w");
    FakeExchange exchange = ExchangeHarness.through(waiting).send(GET).timeOut();

    assertThat(exchange.response().status()).isEqualTo(500);
    Outcome outcome = Objects.requireNonNull(exchange.outcome());
    assertThat(outcome.result()).isEqualTo(Outcome.Result.FAILED);
    assertThat(Objects.requireNonNull(outcome.error()).kind()).isEqualTo(ErrorKind.INTERNAL_ERROR);
    assertThat(waiting.resumption().resume()).isFalse();
    assertThat(events).containsExactly("w request", "w response 500", "w FAILED 500");
  }

  @Test
  void aFailedResumptionFailsTheExchangeOnce() {
    Waiting waiting = new Waiting("w");
    FakeExchange exchange = ExchangeHarness.through(waiting).send(GET);

    assertThat(waiting.resumption().fail(new IllegalStateException("store is down"))).isTrue();

    assertThat(exchange.response().status()).isEqualTo(500);
    assertThat(events).containsExactly("w request", "w response 500", "w FAILED 500");
  }

  @Test
  void anErrorOfTheProxyPassesTheChainToo() {
    FakeExchange exchange = ExchangeHarness.through(new Telling("a")).send(GET);
    exchange.fail(ErrorKind.CONNECTION_REFUSED);

    assertThat(exchange.response().status()).isEqualTo(502);
    assertThat(events).containsExactly("a request", "a response 502", "a FAILED 502");
  }

  @Test
  void aCancelledExchangeCompletesWithoutAResponse() {
    ExchangeHarness.through(new Telling("a")).send(GET).cancel();

    assertThat(events).containsExactly("a request", "a CANCELLED 0");
  }

  @Test
  void bodiesGoThroughTransformsAndLoseTheirLength() {
    Middleware shouting =
        new Middleware() {
          @Override
          public BodyTransform requestBody(Exchange exchange) {
            return new Capitals();
          }

          @Override
          public BodyTransform responseBody(Exchange exchange) {
            return new Capitals();
          }
        };
    FakeExchange exchange =
        ExchangeHarness.through(shouting).send("POST / HTTP/1.1\nHost: a", "he", "llo");
    assertThat(exchange.forwardedContent()).isEqualTo("HELLO");

    exchange.answer("200\nContent-Length: 3\nDigest: d", "bye");

    assertThat(exchange.body()).isEqualTo("BYE");
    assertThat(exchange.response().headers().size()).isZero();
  }

  @Test
  void noTransformIsAskedForWhereThereIsNoContent() {
    Middleware refusing =
        new Middleware() {
          @Override
          public BodyTransform responseBody(Exchange exchange) {
            throw new IllegalStateException("nobody should ask");
          }
        };
    FakeExchange head = ExchangeHarness.through(refusing).send("HEAD / HTTP/1.1\nHost: a");
    assertThat(head.answer("200\nContent-Length: 3").body()).isEmpty();
    FakeExchange unchanged = ExchangeHarness.through(refusing).send(GET);
    assertThat(unchanged.answer("304").response().status()).isEqualTo(304);
  }

  @Test
  void buffersARequestOrRefusesItsSize() {
    class Buffering implements Middleware {
      @Override
      public Flow onRequest(Exchange exchange) {
        Resumption resumption = exchange.suspend(Duration.ofSeconds(1));
        exchange.bufferRequest(4, resumption);
        return Flow.SUSPENDED;
      }

      @Override
      public void onComplete(Exchange exchange, Outcome outcome) {
        Chunk all = exchange.bufferedRequest();
        events.add(all == null ? "nothing" : all.length() + " octets");
      }
    }
    ExchangeHarness harness = ExchangeHarness.through(new Buffering());
    FakeExchange fits = harness.send("POST / HTTP/1.1", "ab", "cd");
    assertThat(fits.state()).isEqualTo(FORWARDED);
    fits.answer("200");
    FakeExchange tooMuch = harness.send("POST / HTTP/1.1", "ab", "cde");

    assertThat(tooMuch.response().status()).isEqualTo(413);
    assertThat(events).containsExactly("4 octets", "nothing");
  }

  @Test
  void streamsAResponseThatAPluginMakes() {
    Middleware streaming =
        new Middleware() {
          @Override
          public Flow onRequest(Exchange exchange) {
            return exchange.respondStreaming(
                200,
                Map.of("Content-Type", "text/plain"),
                writer -> {
                  writer.write(ByteBuffer.wrap(new byte[] {'a'}));
                  writer.whenReady(
                      () -> {
                        writer.write(ByteBuffer.wrap(new byte[] {'b'}));
                        writer.end();
                      });
                });
          }
        };

    FakeExchange exchange = ExchangeHarness.through(streaming).send(GET);

    assertThat(exchange.body()).isEqualTo("ab");
    assertThat(exchange.state()).isEqualTo(ENDED);
  }

  @Test
  void attemptsAndInformationalResponsesAreShownOnCopies() {
    Middleware signing =
        new Middleware() {
          @Override
          public void onAttempt(Exchange exchange, RequestHead head, Endpoint endpoint) {
            head.headers().set("Signed-For", endpoint.id());
          }

          @Override
          public void onInformational(Exchange exchange, ResponseHead head) {
            head.headers().set("Seen", "yes");
          }
        };
    FakeExchange exchange = ExchangeHarness.through(signing).send(GET);

    FakeRequest sent = exchange.attempt(FakeEndpoint.at("10.0.0.1:80"));

    assertThat(sent.headers().get("Signed-For")).isEqualTo("10.0.0.1:80");
    assertThat(exchange.request().headers().get("Signed-For")).isNull();
    assertThat(exchange.inform("103\nLink: x").headers().lines())
        .containsExactly("Link: x", "Seen: yes");
  }

  @Test
  void brokenContractsAreFound() {
    Middleware liar =
        new Middleware() {
          @Override
          public Flow onRequest(Exchange exchange) {
            return Flow.SUSPENDED;
          }
        };
    Middleware forgetful =
        new Middleware() {
          @Override
          public Flow onRequest(Exchange exchange) {
            exchange.suspend(Duration.ofSeconds(1));
            return Flow.CONTINUE;
          }
        };
    Middleware boaster =
        new Middleware() {
          @Override
          public Flow onRequest(Exchange exchange) {
            return Flow.RESPONDED;
          }
        };
    for (Middleware broken : List.of(liar, forgetful, boaster)) {
      assertThatThrownBy(() -> ExchangeHarness.through(broken).send(GET))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
