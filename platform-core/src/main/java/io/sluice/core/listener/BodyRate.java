package io.sluice.core.listener;

import java.util.concurrent.TimeUnit;

/**
 * Whether the content of a request comes as fast as {@code body-min-rate} asks, looked at once a
 * window. Slow only counts while we are the ones reading (RFC 9110 §15.5.9), and not before a
 * client that waits for 100 Continue was told to go on. Its owner keeps the time.
 */
final class BodyRate {

  /** How long a client may take before it is looked at. */
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final long windowNanos;
  private final long wantedBytes;
  private long came;
  private boolean heldBack;
  private boolean awaitsContinue;

  BodyRate(ListenerConfig config) {
    long idle = config.timeouts().idle().toNanos();
    long rate = config.bodyMinRate();
    windowNanos = rate > 0 ? Math.min(WINDOW_NANOS, idle) : idle;
    wantedBytes = rate > 0 ? rate * windowNanos / TimeUnit.SECONDS.toNanos(1) : 1;
  }

  /** The length of a window. */
  long windowNanos() {
    return windowNanos;
  }

  /**
   * Content is due from now on.
   *
   * @param waiting whether the client waits for 100 Continue
   */
  void begin(boolean waiting) {
    came = 0;
    heldBack = false;
    awaitsContinue = waiting;
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

  /** The client is told to go on; answers whether it waited for that: a new window begins then. */
  boolean toldToGoOn() {
    boolean waited = awaitsContinue;
    awaitsContinue = false;
    return waited;
  }

  /**
   * A window is over.
   *
   * @param reading whether we read at present
   * @return whether the client was too slow in it
   */
  boolean tooSlow(boolean reading) {
    boolean slow = reading && !heldBack && !awaitsContinue && came < wantedBytes;
    heldBack = !reading;
    came = 0;
    return slow;
  }
}
