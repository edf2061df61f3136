package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.sluice.core.transport.Abort;
import io.sluice.core.transport.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to an endpoint: a request at a time, its response to one receiver. Lives
 * in the pool of its event loop while nothing uses it, with a read outstanding so that the
 * endpoint's closing is noticed. Everything is called on that loop.
 */
final class Http1Connection extends ChannelInboundHandlerAdapter implements PooledConnection {

  private final LoopPool pool;
  private final EndpointState endpoint;
  private final Http1ResponseReader reader = new Http1ResponseReader(this);
  private final Http1Stream stream = new Http1Stream(this, reader);
  private final @Nullable Secured tls;
  private final Deadline idle;

  private @Nullable ChannelHandlerContext context;
  private boolean paused;
  private boolean used;

  Http1Connection(LoopPool pool, EndpointState endpoint, @Nullable Secured tls) {
    this.pool = pool;
    this.endpoint = endpoint;
    this.tls = tls;
    this.idle = new Deadline(pool.loop().deadlines(), this::close);
  }

  @Override
  public EndpointState endpoint() {
    return endpoint;
  }

  @Override
  public boolean reused() {
    return used;
  }

  @Override
  public int room() {
    return reader.idle() ? 1 : 0;
  }

  @Override
  public boolean unused() {
    return reader.idle();
  }

  @Override
  public boolean multiplexed() {
    return false;
  }

  @Override
  public boolean takes(@Nullable String upgrade) {
    return true;
  }

  @Override
  public UpstreamStream open() {
    return stream;
  }

  @Override
  public @Nullable Secured secured() {
    return tls;
  }

  @Override
  public boolean usable() {
    return reader.idle() && active();
  }

  @Override
  public void idleFor(long nanos) {
    used = true;
    idle.after(nanos);
  }

  @Override
  public void close() {
    ChannelHandlerContext to = context;
    if (to != null) {
      to.close();
    }
  }

  // ---- for its stream and its reader ----

  void reset() {
    ChannelHandlerContext to = context;
    if (to != null) {
      Abort.close(to.channel());
    }
  }

  /** Null until there is a channel. */
  @Nullable ChannelHandlerContext context() {
    return context;
  }

  boolean active() {
    ChannelHandlerContext to = context;
    return to != null && to.channel().isActive();
  }

  /** It does not close by itself any more. */
  void inUse() {
    idle.clear();
  }

  /** A response is complete, and another request may follow. */
  void served() {
    resumeIfPaused(); // in the pool a read is always outstanding
    used = true;
    pool.release(this);
  }

  void pause() {
    paused = true;
  }

  void resumeIfPaused() {
    if (paused) {
      resume();
    }
  }

  void resume() {
    paused = false;
    ChannelHandlerContext from = context;
    if (from != null && !reader.closed()) {
      from.read();
    }
  }

  // ---- in the pipeline ----

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    if (added.channel().isActive()) {
      added.read();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    if (reader.handedOver()) {
      active.fireChannelActive();
      return;
    }
    active.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (reader.handedOver()) {
      from.fireChannelRead(message);
      return;
    }
    ByteBuf in = (ByteBuf) message;
    try {
      reader.read(in);
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    if (reader.handedOver()) {
      from.fireChannelReadComplete();
      return;
    }
    ResponseReceiver to = reader.receiver();
    if (to != null) {
      to.onReadComplete();
    }
    if (!paused) {
      from.read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    if (reader.handedOver()) {
      changed.fireChannelWritabilityChanged();
      return;
    }
    ResponseReceiver to = reader.receiver();
    if (to != null) {
      to.onWritability(changed.channel().isWritable());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) {
    idle.remove();
    pool.closed(this);
    if (reader.handedOver()) {
      gone.fireChannelInactive();
    }
    reader.inputEnded(tls == null);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    // Once our direction is closed the event follows any record: only the engine knows then.
    boolean said =
        event instanceof SslCloseCompletionEvent closing
            && closing.isSuccess()
            && tls != null
            && tls.handler().engine().isInboundDone();
    if (said && !reader.handedOver()) {
      reader.inputEnded(true);
      from.close();
    }
    from.fireUserEventTriggered(event); // a relay may stand behind and wait for a half-close
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext where, Throwable cause) {
    if (reader.handedOver()) {
      where.fireExceptionCaught(cause);
      return;
    }
    reader.broken(cause);
  }
}
