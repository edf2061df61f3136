package io.sluice.core.transport.epoll;

import io.netty.channel.unix.IovArray;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * The list of buffers that one call of {@code writev} takes: one for each event loop, freed with
 * it.
 */
final class Gather {

  private static final int BUFFERS = 256;

  private static final FastThreadLocal<IovArray> LISTS =
      new FastThreadLocal<>() {
        @Override
        protected IovArray initialValue() {
          return new IovArray(BUFFERS);
        }

        @Override
        protected void onRemoval(IovArray list) {
          list.release();
        }
      };

  private Gather() {}

  /**
   * The list of this thread, empty.
   *
   * @param maxBytes how many octets it takes, but for the first buffer, which it takes whole
   */
  static IovArray cleared(long maxBytes) {
    IovArray list = LISTS.get();
    list.clear();
    list.maxBytes(maxBytes);
    return list;
  }
}
