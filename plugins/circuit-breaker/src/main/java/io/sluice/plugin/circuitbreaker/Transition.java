package io.sluice.plugin.circuitbreaker;

import static io.sluice.api.limit.CircuitBreaker.State.CLOSED;
import static io.sluice.api.limit.CircuitBreaker.State.HALF_OPEN;
import static io.sluice.api.limit.CircuitBreaker.State.OPEN;

import io.sluice.api.limit.CircuitBreaker.State;

/**
 * The transition table.
 *
 * <pre>
 *              too many failed or slow
 *   CLOSED ──────────────────────────▶ OPEN
 *     ▲                                ▲  │
 *     │ trials went well               │  │ its time is over, and someone asks
 *     │                   trials went  │  ▼
 *     └───────────────────── HALF_OPEN ┴──┘   (badly: up again, for longer where growth says so;
 *                                              no outcome in time: HALF_OPEN again, new trials)
 * </pre>
 */
enum Transition {
  /** The window says that the upstream fails or is slow. */
  TRIP(CLOSED, OPEN),
  /** It has been open for its time: trials are let through. */
  TRY(OPEN, HALF_OPEN),
  /** The trials went well. */
  RECOVER(HALF_OPEN, CLOSED),
  /** The trials went badly. */
  FAIL(HALF_OPEN, OPEN),
  /** Trials did not end in time: others are let through. */
  TRY_AGAIN(HALF_OPEN, HALF_OPEN);

  private final State from;
  private final State to;

  Transition(State from, State to) {
    this.from = from;
    this.to = to;
  }

  State from() {
    return from;
  }

  State to() {
    return to;
  }
}
