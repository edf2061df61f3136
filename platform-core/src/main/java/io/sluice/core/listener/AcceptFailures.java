package io.sluice.core.listener;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands last behind a listening socket and says that connections cannot be taken, such as for want
 * of open files: one line, and again no sooner than a minute later. Netty lets the socket rest for
 * a second after each failure; who wants to connect waits in the backlog.
 */
final class AcceptFailures extends ChannelInboundHandlerAdapter {

  private static final Logger log = LoggerFactory.getLogger(AcceptFailures.class);
  private static final long SILENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final ListenerSocket listener;
  private boolean told;
  private long toldNanos;

  AcceptFailures(ListenerSocket listener) {
    this.listener = listener;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    long now = System.nanoTime();
    if (!told || now - toldNanos >= SILENCE_NANOS) {
      told = true;
      toldNanos = now;
      log.warn("listener {}: cannot take connections: {}", listener.name(), cause.getMessage());
    }
  }
}
