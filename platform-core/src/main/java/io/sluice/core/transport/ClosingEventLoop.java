package io.sluice.core.transport;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;

/**
 * An event loop that closes its channels before it ends, whenever it is told to.
 *
 * <p>Netty's own looks at whether it is to end in two places: before its tasks, where it closes
 * every channel, and after them, where it leaves. One that is told to end in between leaves with
 * its channels open, their handlers never removed, and what those hold (buffers, the memory of TLS
 * outside the heap) never released. Here it goes round once more first, and again for channels that
 * the tasks of closing opened.
 */
final class ClosingEventLoop extends SingleThreadIoEventLoop {

  private static final int ROUNDS = 2;
  private int rounds;

  ClosingEventLoop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory handlers) {
    super(parent, executor, handlers);
  }

  @Override
  protected boolean confirmShutdown() {
    if (isShuttingDown() && rounds < ROUNDS) {
      rounds++;
      execute(() -> {}); // the round does not wait for I/O
      return false;
    }
    return super.confirmShutdown();
  }
}
