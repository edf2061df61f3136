package io.sluice.core.boot;

import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.PooledByteBufAllocator;

/** How much memory the buffers of the data path take. */
final class Buffers {

  private Buffers() {}

  static ByteBufAllocatorMetric metric() {
    return PooledByteBufAllocator.DEFAULT.metric();
  }

  /** Bytes of buffers that were allocated and not released yet. */
  static long inUse() {
    return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory()
        + PooledByteBufAllocator.DEFAULT.pinnedHeapMemory();
  }
}
