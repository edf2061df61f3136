package io.sluice.api.middleware;

/**
 * The one-shot handle that wakes a suspended exchange. May be used from any thread and never
 * blocks; the work goes on on the exchange's event loop.
 *
 * <p>It is stamped with its exchange: the first use counts; a second one, or one after the exchange
 * ended or its deadline passed, does nothing and answers {@code false}. It can never touch another
 * exchange, although exchanges are reused.
 */
public interface Resumption {

  /** What to do on the exchange's loop before it goes on. */
  @FunctionalInterface
  interface Step {
    /**
     * May edit the exchange and may respond.
     *
     * @return {@link Flow#CONTINUE}, {@link Flow#RESPONDED}, or {@link Flow#SUSPENDED} after
     *     another {@link Exchange#suspend}
     */
    Flow run(Exchange exchange);
  }

  /** Goes on with the next middleware. Answers whether this use was accepted. */
  boolean resume();

  /**
   * Runs {@code step} on the exchange's loop, then goes on as it says. Answers whether this use was
   * accepted; an accepted step may still find its exchange ended by the time the loop comes to it,
   * and is then not run.
   */
  boolean resume(Step step);

  /** Fails the exchange with 500 {@code proxy_internal_error}; {@code cause} is logged. */
  boolean fail(Throwable cause);
}
