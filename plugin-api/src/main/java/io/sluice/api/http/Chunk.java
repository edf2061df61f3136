package io.sluice.api.http;

import java.nio.ByteBuffer;

/**
 * Some octets of a body. Borrowed for the length of the call that hands it over: to keep it longer,
 * call {@link #retain}, and then {@link #release} exactly once, on any thread.
 */
public interface Chunk {

  /** The number of octets; may be 0. */
  int length();

  /** The octets, as a read-only view that is valid for as long as the chunk is held. */
  ByteBuffer bytes();

  /** Copies all octets to {@code target} from {@code offset} on. */
  default void copyTo(byte[] target, int offset) {
    bytes().get(target, offset, length());
  }

  /** Keeps the octets beyond the call. Answers this. */
  Chunk retain();

  /** Gives up a {@link #retain}. */
  void release();
}
