package io.sluice.core.upstream;

import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.LoopContext;

/**
 * Whether the other end of an HTTP/2 connection is still there. It is asked by a PING (RFC 9113
 * §6.7) when it was silent for long with a request open, and at once when a request was given up on
 * which nothing at all had come: over HTTP/1.1 that would have ended the connection, and here many
 * more requests would fail on a dead one. Any octet counts as an answer.
 *
 * <p>Also bounds the time in which a field section that has begun must be whole: nothing else comes
 * on the connection until then (RFC 9113 §4.3), however many octets do.
 */
final class Http2Liveness {

  private final Http2Config config;
  private final Deadline silence;
  private final Deadline answer;
  private final Deadline section;
  private Runnable ping = () -> {};
  private Runnable dead = () -> {};
  private boolean heard;
  private boolean asked;
  private boolean withinSection;
  private long reads;

  Http2Liveness(LoopContext loop, Http2Config config) {
    this.config = config;
    this.silence = new Deadline(loop.deadlines(), this::silent);
    this.answer = new Deadline(loop.deadlines(), () -> dead.run());
    this.section = new Deadline(loop.deadlines(), () -> dead.run());
  }

  /**
   * Begins.
   *
   * @param ping sends one
   * @param dead hears that no answer came in time
   */
  void begin(Runnable ping, Runnable dead) {
    this.ping = ping;
    this.dead = dead;
  }

  /** Requests are open from now on. */
  void watch() {
    heard = false;
    silence.after(config.pingInterval().toNanos());
  }

  /** No request is open: silence is no wonder. */
  void rest() {
    silence.clear();
  }

  /** Octets came; answers whether they were waited for. */
  boolean heard() {
    reads++;
    heard = true;
    if (!asked) {
      return false;
    }
    asked = false;
    answer.clear();
    return true;
  }

  /** How often octets came so far. */
  long reads() {
    return reads;
  }

  /** Whether an answer is waited for. */
  boolean inDoubt() {
    return asked;
  }

  /** Asks for a sign of life, unless that was done already. */
  void ask() {
    if (!asked) {
      asked = true;
      answer.after(config.pingTimeout().toNanos());
      ping.run();
    }
  }

  /** Octets were read, and a field section is under way or is not. */
  void section(boolean within) {
    if (within == withinSection) {
      return;
    }
    withinSection = within;
    if (within) {
      section.after(config.pingTimeout().toNanos());
    } else {
      section.clear();
    }
  }

  private void silent() {
    if (!heard) {
      ask();
    }
    watch();
  }

  /** The connection is gone. */
  void end() {
    silence.remove();
    answer.remove();
    section.remove();
  }
}
