package io.sluice.core.listener;

import java.util.Arrays;

/**
 * The streams of one connection that were closed last, as far as it matters how (RFC 9113 §5.1):
 * what still comes on one that we reset was on its way and is to be ignored; on one that ended it
 * is a mistake. Bounded; belongs to the event loop of its connection.
 */
final class ClosedStreams {

  private static final int KEPT = 256;

  /** What a closed stream is. */
  enum How {
    /** Reset by us not long ago. */
    RESET,
    /** Ended, or reset by the client. */
    ENDED,
    /** Never opened, or closed long ago. */
    UNKNOWN
  }

  private final int[] reset = new int[KEPT];
  private final int[] ended = new int[KEPT];
  private int resets;
  private int ends;

  /** We reset it. */
  void reset(int stream) {
    reset[resets++ & (KEPT - 1)] = stream;
  }

  /** It is closed, whatever closed it. */
  void closed(int stream) {
    ended[ends++ & (KEPT - 1)] = stream;
  }

  /** How it was closed. */
  How how(int stream) {
    if (Arrays.stream(reset).anyMatch(id -> id == stream)) {
      return How.RESET;
    }
    return Arrays.stream(ended).anyMatch(id -> id == stream) ? How.ENDED : How.UNKNOWN;
  }
}
