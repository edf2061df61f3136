package io.sluice.plugin.outlierstandard;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * What is known of one endpoint. Stands in its slot, so it is still there for the detector of the
 * next configuration. Counts are taken on event loops; everything else is decided on the scheduler,
 * or by the one event loop whose ejection the platform granted.
 */
final class EndpointRecord {

  /**
   * Whether it is out, and until when. Replaced as one: any thread may find that its time is up.
   */
  private record Stay(boolean out, long untilNanos) {}

  private static final Stay IN = new Stay(false, 0);
  private static final AtomicReferenceFieldUpdater<EndpointRecord, Stay> STAY =
      AtomicReferenceFieldUpdater.newUpdater(EndpointRecord.class, Stay.class, "stay");

  /** Cells of the tally; behind them come those of {@link Times}. */
  static final int SUCCESSES = 0;

  static final int SERVER_ERRORS = 1;
  static final int LOCAL_FAILURES = 2;
  static final int TIMES = 3;

  private static final int CELLS = TIMES + Times.BUCKETS;

  private final Tally tally = new Tally(CELLS);
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicInteger gatewayFailures = new AtomicInteger();
  private final AtomicInteger localFailures = new AtomicInteger();

  private volatile Object owner = this;
  private volatile Stay stay = IN;
  private volatile int ejections;
  private volatile long servesSinceNanos;

  /** The tally at the end of each interval that is still of use, the newest first. */
  private final Deque<int[]> ends = new ArrayDeque<>();

  Tally tally() {
    return tally;
  }

  AtomicInteger failures() {
    return failures;
  }

  AtomicInteger gatewayFailures() {
    return gatewayFailures;
  }

  AtomicInteger localFailures() {
    return localFailures;
  }

  /** Writes only where it changes something: in good times no event loop writes here. */
  static void clear(AtomicInteger count) {
    if (count.get() != 0) {
      count.set(0);
    }
  }

  /** Who compares it from now on: after a reload the detector that came last. */
  void owner(Object now) {
    owner = now;
  }

  boolean isOwnedBy(Object detector) {
    return owner == detector;
  }

  /**
   * An interval is over. By its owner, on the scheduler.
   *
   * @param kept how many intervals, this one included, {@link #counted} can tell of
   */
  void endInterval(int kept) {
    if (ends.isEmpty()) {
      ends.addFirst(new int[CELLS]);
    }
    ends.addFirst(tally.read());
    while (ends.size() > kept + 1) {
      ends.removeLast();
    }
  }

  /** An interval is over that tells nothing, nor does any before it: the endpoint was out. */
  void forgetIntervals() {
    ends.clear();
    ends.addFirst(tally.read());
  }

  /** What was counted in the last intervals, or in as many of them as are known. */
  int[] counted(int intervals) {
    int[] change = ends.getFirst().clone();
    int[] from = ends.getFirst();
    Iterator<int[]> earlier = ends.iterator();
    for (int i = 0; i <= intervals && earlier.hasNext(); i++) {
      from = earlier.next();
    }
    for (int i = 0; i < CELLS; i++) {
      change[i] -= from[i];
    }
    return change;
  }

  /** Ejections in a row, as far as they are not forgiven. */
  int ejections() {
    return ejections;
  }

  /** Whether it is out at {@code nowNanos}. */
  boolean isOut(long nowNanos) {
    Stay now = stay;
    if (!now.out || now.untilNanos - nowNanos > 0) {
      return now.out;
    }
    if (STAY.compareAndSet(
        this, now, IN)) { // else it was ejected anew, or somebody else saw it too
      serves(now.untilNanos);
    }
    return stay.out;
  }

  void ejected(int inARow, long until) {
    ejections = inARow;
    stay = new Stay(true, until);
    startOver();
  }

  /** It serves again. */
  void backSince(long sinceNanos) {
    stay = IN;
    serves(sinceNanos);
  }

  private void serves(long sinceNanos) {
    servesSinceNanos = sinceNanos;
    startOver();
  }

  private void startOver() {
    clear(failures);
    clear(gatewayFailures);
    clear(localFailures);
  }

  /** Forgives one ejection for each {@code baseNanos} that it has served since. */
  void forgive(long nowNanos, long baseNanos) {
    int left = ejections;
    long since = servesSinceNanos;
    while (left > 0 && nowNanos - since >= baseNanos) {
      left--;
      since += baseNanos;
    }
    ejections = left;
    servesSinceNanos = since;
  }
}
