package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.transport.EventLoops;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The request half: content between the client and the attempt that sends it on. Holds what no
 * attempt has taken yet, and, as long as it fits, what one has taken but another might need again.
 *
 * <p>Belongs to the exchange's event loop. Owns every buffer given to it until an attempt takes it.
 */
final class RequestBody {

  /** What may wait before the client is asked to pause. */
  private static final int WINDOW = 64 * 1024;

  /** What the request half is doing. */
  enum State {
    /** Content comes. */
    RECEIVING,
    /** All of it came. */
    COMPLETE
  }

  private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(4);
  private final List<ByteBuf> kept = new ArrayList<>(4);
  private State state = State.COMPLETE;
  private @Nullable ByteHeaders trailers;
  private int waitingBytes;
  private long keptBytes;
  private long keepUpTo;
  private boolean replayable;
  private long received;
  private @Nullable ByteBuf whole;
  private int wholeUpTo = -1;

  /**
   * Begins.
   *
   * @param expected whether any content comes
   * @param keep octets kept for another attempt; 0 keeps none
   */
  void begin(boolean expected, long keep) {
    state = expected ? State.RECEIVING : State.COMPLETE;
    trailers = null;
    keepUpTo = keep;
    replayable = true;
    received = 0;
    wholeUpTo = -1;
  }

  /** How much is kept for another attempt from now on. */
  void keep(long upTo) {
    keepUpTo = upTo;
  }

  boolean complete() {
    return state == State.COMPLETE;
  }

  long received() {
    return received;
  }

  @Nullable ByteHeaders trailers() {
    return trailers;
  }

  void count(int octets) {
    received += octets;
  }

  void add(ByteBuf data) {
    waiting.add(data);
    waitingBytes += data.readableBytes();
  }

  void end(@Nullable ByteHeaders section) {
    state = State.COMPLETE;
    trailers = section;
  }

  boolean hasRoom() {
    return wholeUpTo >= 0 ? waitingBytes <= wholeUpTo : waitingBytes < WINDOW;
  }

  /** From now on everything is to be held, up to {@code maxBytes}. */
  void hold(int maxBytes) {
    wholeUpTo = maxBytes;
  }

  /** What came is not to be held any longer. */
  void stopHolding() {
    wholeUpTo = -1;
  }

  /** Hands out everything that waits, which another attempt will not see again as it was. */
  List<ByteBuf> drain() {
    List<ByteBuf> all = new ArrayList<>(waiting);
    waiting.clear();
    waitingBytes = 0;
    releaseKept();
    return all;
  }

  /** What comes from now on is the output of transforms. */
  void reopen() {
    state = State.RECEIVING;
    trailers = null;
  }

  boolean holding() {
    return wholeUpTo >= 0;
  }

  boolean overflown() {
    return wholeUpTo >= 0 && waitingBytes > wholeUpTo;
  }

  /** Everything came that was to be held: makes one buffer of it, and sends that. */
  ByteBuf gather() {
    CompositeByteBuf all =
        EventLoops.allocator().compositeDirectBuffer(Math.max(1, waiting.size()));
    for (ByteBuf each = waiting.poll(); each != null; each = waiting.poll()) {
      all.addComponent(true, each);
    }
    wholeUpTo = -1;
    if (whole != null) {
      whole.release();
    }
    whole = all;
    waiting.add(all.retainedDuplicate());
    return all;
  }

  /** What {@link #gather} made, or null. */
  @Nullable ByteBuf whole() {
    return whole;
  }

  /** The next buffer for the attempt, which takes it over; null when there is none now. */
  @Nullable ByteBuf take() {
    ByteBuf next = waiting.poll();
    if (next == null) {
      return null;
    }
    waitingBytes -= next.readableBytes();
    if (replayable) {
      keepOrForget(next);
    }
    return next;
  }

  /** As {@link #take}, where the next buffer has at most {@code upTo} octets. */
  @Nullable ByteBuf takeSmall(int upTo) {
    ByteBuf next = waiting.peek();
    return next != null && next.readableBytes() <= upTo ? take() : null;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  private void keepOrForget(ByteBuf taken) {
    if (keptBytes + taken.readableBytes() <= keepUpTo) {
      kept.add(taken.retainedDuplicate());
      keptBytes += taken.readableBytes();
    } else {
      replayable = false;
      releaseKept();
    }
  }

  private void releaseKept() {
    kept.forEach(ByteBuf::release);
    kept.clear();
    keptBytes = 0;
  }

  /** Whether another attempt could send the same content. */
  boolean replayable() {
    return replayable;
  }

  /** Puts back what the last attempt took. Only where {@link #replayable}. */
  void rewind() {
    for (int i = kept.size() - 1; i >= 0; i--) {
      ByteBuf again = kept.get(i);
      waiting.addFirst(again);
      waitingBytes += again.readableBytes();
    }
    kept.clear();
    keptBytes = 0;
  }

  /** The response is under way: no other attempt will be made. */
  void settle() {
    replayable = false;
    releaseKept();
  }

  /** Lets go of everything. */
  void release() {
    for (ByteBuf each = waiting.poll(); each != null; each = waiting.poll()) {
      each.release();
    }
    waitingBytes = 0;
    releaseKept();
    if (whole != null) {
      whole.release();
      whole = null;
    }
  }
}
