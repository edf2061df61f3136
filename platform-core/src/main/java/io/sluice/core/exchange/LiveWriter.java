package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.sluice.api.middleware.ResponseWriter;
import io.sluice.core.plugin.Fatal;
import io.sluice.core.transport.EventLoops;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * The writer of one streamed response. Copies what it is given and hops to the exchange's loop;
 * once the exchange is over, what still comes is dropped there.
 */
final class LiveWriter implements ResponseWriter {

  private final HttpExchange exchange;
  private final ResponseSender sender;
  private final String plugin;
  private final long stamp;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>(1);
  private volatile boolean ready = true;
  private volatile boolean over;

  /** A writer for {@code plugin}, as the log names it. */
  LiveWriter(HttpExchange exchange, String plugin) {
    this.exchange = exchange;
    this.sender = exchange.responseSender;
    this.plugin = plugin;
    this.stamp = exchange.stamp();
  }

  private boolean live() {
    return !over && exchange.stamp() == stamp && exchange.active();
  }

  private void onLoop(Runnable task) {
    if (exchange.loop().loop().inEventLoop()) {
      task.run();
    } else {
      exchange.loop().loop().execute(task);
    }
  }

  @Override
  public void write(ByteBuffer bytes) {
    if (over || !bytes.hasRemaining()) {
      return;
    }
    ByteBuf copy = EventLoops.allocator().directBuffer(bytes.remaining()).writeBytes(bytes);
    onLoop(
        () -> {
          if (live()) {
            sender.received(copy);
            ready = sender.ready();
            exchange.downstream().flush();
          } else {
            copy.release();
          }
        });
  }

  @Override
  public boolean ready() {
    return ready && !over;
  }

  @Override
  public void whenReady(Runnable task) {
    onLoop(
        () -> {
          if (live() && sender.ready()) {
            ready = true;
            run(task);
          } else if (live()) {
            waiting.add(task);
          }
        });
  }

  /** There is room, on the loop. */
  void roomCame() {
    ready = true;
    for (int left = waiting.size(); left > 0 && (over || sender.ready()); left--) {
      Runnable task = waiting.poll();
      if (task != null) {
        run(task);
      }
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      Fatal.rethrow(e);
      fail(e);
    }
  }

  /** The exchange ended, on the loop. */
  void over() {
    over = true;
    roomCame();
  }

  @Override
  public void end() {
    onLoop(
        () -> {
          if (live()) {
            sender.receivedEnd(null);
          }
        });
  }

  @Override
  public void fail(Throwable cause) {
    onLoop(
        () -> {
          if (live()) {
            exchange.pluginFailed(plugin, cause);
          }
        });
  }
}
