package io.sluice.plugin.accesslogjson;

import io.sluice.api.observe.Meters;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries lines from the event loops to the target, on a thread of its own that begins with the
 * first line. Memory is bounded by one ring for each loop; a line that finds its ring full is
 * dropped and counted, and no loop ever waits. The thread gathers lines for {@link #GATHER_NANOS}
 * between writes, or until a ring is half full, and sleeps while there are none.
 */
final class LogWriter implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);
  private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long COMPLAINT_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** What the thread is doing, so that loops wake it only when that helps. */
  private enum State {
    NOT_STARTED,
    WRITING,
    GATHERING,
    IDLE,
    CLOSED
  }

  private final LogTarget target;
  private final int ringBytes;
  private final Meters.Counter dropped;
  private final List<ByteRing> rings = new CopyOnWriteArrayList<>();
  private final AtomicReference<State> state = new AtomicReference<>(State.NOT_STARTED);
  private final ReentrantLock draining = new ReentrantLock();

  private volatile @Nullable Thread thread;

  /** Guarded by {@code draining}. */
  private boolean complained;

  private long complainedNanos;

  LogWriter(LogTarget target, int ringBytes, Meters.Counter dropped) {
    this.target = target;
    this.ringBytes = ringBytes;
    this.dropped = dropped;
  }

  /** A ring for the calling thread to submit through. */
  ByteRing newRing() {
    ByteRing ring = new ByteRing(ringBytes);
    rings.add(ring);
    return ring;
  }

  /** Takes a line, or drops it. Never waits. The bytes are free again afterwards. */
  void submit(ByteRing ring, byte[] line, int length) {
    State seen = state.get();
    if (seen == State.CLOSED || !ring.offer(line, length)) {
      dropped.increment();
      return;
    }
    seen = state.get();
    if (seen == State.WRITING || (seen == State.GATHERING && !ring.isFilling())) {
      return;
    }
    if (seen != State.CLOSED && state.compareAndSet(seen, State.WRITING)) {
      if (seen == State.NOT_STARTED) {
        start();
      } else {
        LockSupport.unpark(thread);
      }
    }
  }

  private void start() {
    Thread writer = new Thread(this::run, "sluice-access-log");
    writer.setDaemon(true);
    thread = writer;
    writer.start();
  }

  private void run() {
    while (state.get() != State.CLOSED) {
      state.compareAndSet(State.GATHERING, State.WRITING);
      state.compareAndSet(State.IDLE, State.WRITING);
      if (drain()) {
        if (state.compareAndSet(State.WRITING, State.GATHERING)) {
          LockSupport.parkNanos(this, GATHER_NANOS);
        }
      } else if (state.compareAndSet(State.WRITING, State.IDLE) && isEmpty()) {
        LockSupport.park(this);
      }
    }
  }

  private boolean isEmpty() {
    return rings.stream().allMatch(ByteRing::isEmpty);
  }

  /** Writes what there is; answers whether there was any. */
  private boolean drain() {
    boolean any = false;
    draining.lock();
    try {
      for (ByteRing ring : rings) {
        if (!ring.isEmpty()) {
          any = true;
          drain(ring);
        }
      }
    } finally {
      draining.unlock();
    }
    return any;
  }

  private void drain(ByteRing ring) {
    try {
      ring.drainTo(target);
      complained = false;
    } catch (IOException e) {
      dropped.add(ring.discardLines());
      long now = System.nanoTime();
      if (!complained || now - complainedNanos > COMPLAINT_NANOS) {
        LOG.warn("cannot write the access log; lines are lost", e);
        complained = true;
        complainedNanos = now;
      }
    }
  }

  /** Writes what is pending, on the calling thread, and closes the target. */
  @Override
  public void close() {
    if (state.getAndSet(State.CLOSED) == State.CLOSED) {
      return;
    }
    LockSupport.unpark(thread);
    draining.lock();
    try {
      drain();
      target.close();
    } catch (IOException e) {
      LOG.warn("cannot close the access log", e);
    } finally {
      draining.unlock();
    }
  }
}
