package io.sluice.plugin.circuitbreaker;

/** The attempts that count at present. Called on every event loop at once; without a lock. */
interface Window {

  /** An attempt ended at {@code nowNanos}. */
  void add(boolean failed, boolean slow, long nowNanos);

  /** What is in the window. Attempts that end meanwhile may or may not be in it. */
  Counts counts(long nowNanos);

  /**
   * Attempts.
   *
   * @param calls all of them
   * @param failed those that failed
   * @param slow those that were slow, failed or not
   */
  record Counts(int calls, int failed, int slow) {

    double failureRatio() {
      return failed / (double) calls;
    }

    double slowRatio() {
      return slow / (double) calls;
    }
  }
}
