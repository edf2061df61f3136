package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.sluice.api.http.Chunk;
import java.nio.ByteBuffer;

/** A buffer as plugins see it. */
record BufChunk(ByteBuf buffer) implements Chunk {

  @Override
  public int length() {
    return buffer.readableBytes();
  }

  @Override
  public ByteBuffer bytes() {
    return buffer.nioBuffer().asReadOnlyBuffer();
  }

  @Override
  public void copyTo(byte[] target, int offset) {
    buffer.getBytes(buffer.readerIndex(), target, offset, buffer.readableBytes());
  }

  @Override
  public Chunk retain() {
    buffer.retain();
    return this;
  }

  @Override
  public void release() {
    buffer.release();
  }
}
