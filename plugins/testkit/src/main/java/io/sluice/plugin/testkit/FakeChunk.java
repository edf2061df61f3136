package io.sluice.plugin.testkit;

import io.sluice.api.http.Chunk;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Octets that notice when they are used or given up once too often. Thread-safe. */
public final class FakeChunk implements Chunk {

  private final byte[] octets;
  private int holders = 1;

  /** A copy of {@code octets}, held by the caller. */
  public FakeChunk(byte[] octets) {
    this.octets = octets.clone();
  }

  /** The octets of {@code text} in UTF-8, held by the caller. */
  public static FakeChunk of(String text) {
    return new FakeChunk(text.getBytes(StandardCharsets.UTF_8));
  }

  /** How many hold it: 0 once everybody gave it up. */
  public synchronized int holders() {
    return holders;
  }

  @Override
  public int length() {
    return octets.length;
  }

  @Override
  public synchronized ByteBuffer bytes() {
    requireHeld();
    return ByteBuffer.wrap(octets).asReadOnlyBuffer();
  }

  @Override
  public synchronized Chunk retain() {
    requireHeld();
    holders++;
    return this;
  }

  @Override
  public synchronized void release() {
    requireHeld();
    holders--;
  }

  private void requireHeld() {
    if (holders == 0) {
      throw new IllegalStateException("this chunk was given up; retain() keeps one");
    }
  }
}
