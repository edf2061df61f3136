package io.sluice.plugin.accesslogjson;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bounded queue of bytes from one thread to another, without a lock: a Lamport ring ("Proving the
 * Correctness of Multiprocess Programs", IEEE TSE 3(2), 1977). What is offered appears whole or not
 * at all. One thread offers; one at a time drains.
 */
final class ByteRing {

  private final byte[] bytes;
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong read = new AtomicLong();

  ByteRing(int capacity) {
    bytes = new byte[capacity];
  }

  /** Puts {@code length} bytes in; answers false, and puts nothing in, where there is no room. */
  boolean offer(byte[] source, int length) {
    long start = written.getPlain();
    if (length > bytes.length - (start - read.get())) {
      return false;
    }
    int at = (int) (start % bytes.length);
    int first = Math.min(length, bytes.length - at);
    System.arraycopy(source, 0, bytes, at, first);
    System.arraycopy(source, first, bytes, 0, length - first);
    written.set(start + length);
    return true;
  }

  /** Whether more than half of the room is taken. */
  boolean isFilling() {
    return written.getPlain() - read.getOpaque() > bytes.length / 2;
  }

  boolean isEmpty() {
    return written.get() == read.get();
  }

  /**
   * Passes what is there to {@code target}, in one piece or two, and frees it. Where that throws,
   * it all stays, although some of it may have arrived.
   */
  void drainTo(LogTarget target) throws IOException {
    long start = read.get();
    long end = written.get();
    int at = (int) (start % bytes.length);
    int length = (int) (end - start);
    int first = Math.min(length, bytes.length - at);
    if (first > 0) {
      target.write(bytes, at, first);
    }
    if (first < length) {
      target.write(bytes, 0, length - first);
    }
    read.set(end);
  }

  /** Frees what is there and answers how many lines that was. */
  long discardLines() {
    long end = written.get();
    long lines = 0;
    for (long i = read.get(); i < end; i++) {
      lines += bytes[(int) (i % bytes.length)] == '\n' ? 1 : 0;
    }
    read.set(end);
    return lines;
  }
}
