package io.sluice.plugin.testkit;

import io.sluice.api.middleware.Middleware;
import java.util.List;

/**
 * Sends exchanges through a chain of middleware, without sockets and on the test's thread.
 *
 * <pre>{@code
 * FakeExchange exchange = ExchangeHarness.through(cors).send("GET /users HTTP/1.1\nHost: a.example");
 * assertThat(exchange.state()).isEqualTo(FakeExchange.State.FORWARDED);
 * exchange.answer("200\nContent-Type: text/plain", "hello");
 * assertThat(exchange.response().headers().get("Vary")).isEqualTo("Origin");
 * }</pre>
 *
 * <p>What a middleware throws comes out of the call that led to it. A middleware that breaks its
 * contract (returns {@code SUSPENDED} without having suspended, and the like) fails with {@link
 * IllegalStateException}.
 */
public final class ExchangeHarness {

  private final List<Middleware> chain;

  private ExchangeHarness(List<Middleware> chain) {
    this.chain = chain;
  }

  /** The chain, in the order of a configuration's list. The caller closes what needs closing. */
  public static ExchangeHarness through(Middleware... chain) {
    return new ExchangeHarness(List.of(chain));
  }

  /** Sends a request without content, see {@link FakeRequest#of}. */
  public FakeExchange send(String head) {
    return send(FakeExchange.of(head));
  }

  /** Sends a request with content, in the chunks given. */
  public FakeExchange send(String head, String... chunks) {
    return send(FakeExchange.of(head).content(chunks));
  }

  /** Sends an exchange that was prepared. Answers the same, on its way. */
  public FakeExchange send(FakeExchange exchange) {
    exchange.start(chain);
    return exchange;
  }
}
