package io.sluice.core.exchange;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Where an exchange is. The table of what may follow what:
 *
 * <pre>
 *   IDLE       ─▶ REQUEST                          a head came
 *   REQUEST    ─▶ FORWARDING, RESPONSE, ENDED      middleware let it pass, answered, or the client left
 *   FORWARDING ─▶ RESPONSE, ENDED                  an answer came or no attempt is left; the client left
 *   RESPONSE   ─▶ STREAMING, TUNNEL, ENDED         the head is sent
 *   RESPONSE   ─▶ RESPONSE                         it failed: an error of our own takes its place
 *   STREAMING  ─▶ ENDED                            the last octet is sent, or it broke off
 *   STREAMING  ─▶ RESPONSE                         a transform failed that held the head back
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

  private static final Map<Phase, Set<Phase>> FOLLOWING = new EnumMap<>(Phase.class);

  static {
    FOLLOWING.put(IDLE, EnumSet.of(REQUEST));
    FOLLOWING.put(REQUEST, EnumSet.of(FORWARDING, RESPONSE, ENDED));
    FOLLOWING.put(FORWARDING, EnumSet.of(RESPONSE, ENDED));
    FOLLOWING.put(RESPONSE, EnumSet.of(RESPONSE, STREAMING, TUNNEL, ENDED));
    FOLLOWING.put(STREAMING, EnumSet.of(RESPONSE, ENDED));
    FOLLOWING.put(TUNNEL, EnumSet.of(ENDED));
    FOLLOWING.put(ENDED, EnumSet.of(IDLE));
  }

  /** The next phase, if the table has it. */
  Phase to(Phase next) {
    Set<Phase> following = FOLLOWING.get(this);
    if (following == null || !following.contains(next)) {
      throw new IllegalStateException(this + " is not followed by " + next);
    }
    return next;
  }

  /** Whether no octet of a final response head was sent yet. */
  boolean beforeHead() {
    return this == REQUEST || this == FORWARDING || this == RESPONSE;
  }
}
