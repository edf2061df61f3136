package io.sluice.core.listener;

import io.sluice.core.transport.Deadline;
import java.util.concurrent.TimeUnit;

/**
 * Whether the content of a request comes as fast as {@code body-min-rate} asks, looked at once a
 * window. Slow only counts while we are the ones reading (RFC 9110 §15.5.9), and not before a
 * client that waits for 100 Continue was told to go on. Keeps the time with its owner's deadline.
 */
final class BodyRate {

  /** How long a client may take before it is looked at. */
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Deadline deadline;
  private final long windowNanos;
  private final long wantedBytes;
  private long came;
  private boolean heldBack;
  private boolean awaitsContinue;

  /**
   * The rate of one request after the other.
   *
   * @param deadline that {@link #tooSlow} is asked at
   */
  BodyRate(ListenerConfig config, Deadline deadline) {
    this.deadline = deadline;
    long idle = config.timeouts().idle().toNanos();
    long rate = config.bodyMinRate();
    windowNanos = rate > 0 ? Math.min(WINDOW_NANOS, idle) : idle;
    wantedBytes = rate > 0 ? rate * windowNanos / TimeUnit.SECONDS.toNanos(1) : 1;
  }

  /**
   * Content is due from now on.
   *
   * @param waiting whether the client waits for 100 Continue
   */
  void begin(long nowNanos, boolean waiting) {
    came = 0;
    heldBack = false;
    awaitsContinue = waiting;
    deadline.after(nowNanos, windowNanos);
  }

  /** Content came. */
  void came(int octets) {
    came += octets;
    awaitsContinue = false;
  }

  /** We do not read, for a part of this window at least. */
  void holdBack() {
    heldBack = true;
  }

  /** The client is told to go on: if it waited for that, a new window begins. */
  void toldToGoOn() {
    if (awaitsContinue) {
      awaitsContinue = false;
      deadline.after(windowNanos);
    }
  }

  /**
   * A window is over, and another begins unless the client was too slow.
   *
   * @param reading whether we read at present
   * @return whether the client was too slow in it
   */
  boolean tooSlow(boolean reading) {
    boolean slow = reading && !heldBack && !awaitsContinue && came < wantedBytes;
    heldBack = !reading;
    came = 0;
    if (!slow) {
      deadline.after(windowNanos);
    }
    return slow;
  }
}
