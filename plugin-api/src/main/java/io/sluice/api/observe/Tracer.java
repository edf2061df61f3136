package io.sluice.api.observe;

import io.sluice.api.http.RequestHead;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Makes spans: one for each exchange, one for each of its attempts. Called on the exchange's event
 * loop; must not block.
 */
public interface Tracer extends AutoCloseable {

  /** An exchange begins; null when it is not sampled and nothing is to be propagated. */
  @Nullable Span start(Exchange exchange);

  /** Writes out what is pending and stops. */
  @Override
  void close();

  /** The span of one exchange. */
  interface Span {
    /** An attempt begins: puts its trace context on {@code head}. */
    AttemptSpan attempt(RequestHead head, Endpoint endpoint, int number);

    /** The exchange ended. */
    void end(Exchange exchange, Outcome outcome);
  }

  /** The span of one attempt. */
  interface AttemptSpan {
    /** The attempt ended. */
    void end(AttemptOutcome outcome);
  }
}
