package io.sluice.core.exchange;

import java.util.EnumSet;
import java.util.Set;

/**
 * Where an exchange is. The table of what may follow what:
 *
 * <pre>
 *   IDLE       ─▶ REQUEST                          a head came
 *   REQUEST    ─▶ FORWARDING, RESPONSE, ENDED      middleware let it pass, answered, or the client left
 *   FORWARDING ─▶ RESPONSE, ENDED                  an answer came or no attempt is left; the client left
 *   RESPONSE   ─▶ STREAMING, TUNNEL, ENDED         the head is sent
 *   STREAMING  ─▶ ENDED                            the last octet is sent, or it broke off
 *   TUNNEL     ─▶ ENDED                            one side closed
 *   ENDED      ─▶ IDLE                             the request half is over too
 * </pre>
 *
 * <p>The request half ({@link RequestBody}) moves on its own: a response may end while the
 * request's content still comes.
 */
enum Phase {
  /** Between exchanges. */
  IDLE,
  /** Request middleware runs, or is suspended. */
  REQUEST,
  /** Attempts are made. */
  FORWARDING,
  /** Response middleware runs, or is suspended. */
  RESPONSE,
  /** The head is sent, content follows. */
  STREAMING,
  /** Both sides speak another protocol. */
  TUNNEL,
  /** The outcome is known and observed. */
  ENDED;

  private Set<Phase> following() {
    return switch (this) {
      case IDLE -> EnumSet.of(REQUEST);
      case REQUEST -> EnumSet.of(FORWARDING, RESPONSE, ENDED);
      case FORWARDING -> EnumSet.of(RESPONSE, ENDED);
      case RESPONSE -> EnumSet.of(STREAMING, TUNNEL, ENDED);
      case STREAMING, TUNNEL -> EnumSet.of(ENDED);
      case ENDED -> EnumSet.of(IDLE);
    };
  }

  private static final int[] MASKS = masks();

  private static int[] masks() {
    int[] masks = new int[values().length];
    for (Phase phase : values()) {
      for (Phase next : phase.following()) {
        masks[phase.ordinal()] |= 1 << next.ordinal();
      }
    }
    return masks;
  }

  /** The next phase, if the table has it. */
  Phase to(Phase next) {
    if ((MASKS[ordinal()] & (1 << next.ordinal())) == 0) {
      throw new IllegalStateException(this + " is not followed by " + next);
    }
    return next;
  }

  /** Whether no octet of a final response head was sent yet. */
  boolean beforeHead() {
    return this == REQUEST || this == FORWARDING || this == RESPONSE;
  }
}
