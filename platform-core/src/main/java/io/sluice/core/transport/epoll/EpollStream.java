package io.sluice.core.transport.epoll;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection, of TCP or of a Unix-domain socket, that the kernel is asked about as little as can
 * be: epoll is told once that it is there and reports edges (epoll(7), as nginx uses it), so that
 * what is read, connected or waited for costs no {@code epoll_ctl}; a read of TCP that did not fill
 * its buffer took all there was; addresses are asked for by who wants them.
 *
 * <p>Does for its handlers what Netty's {@code EpollSocketChannel} does, but for these: a
 * connection that broke is read to where it broke before anything is written to it again, so that
 * an answer which came ahead of a reset is not lost; and after the failure of a read it is closed,
 * half-closure or not.
 *
 * <p>Reads only when asked to, as every Netty channel without auto-read. Two things come unasked,
 * once each: what is there when the other side ends its output, and the end of a broken connection
 * with all that is ahead of it.
 *
 * <p>Belongs to its event loop; {@link #config()} and its state may be asked from anywhere, its
 * local address too once it was asked for on the loop.
 */
public final class EpollStream extends EpollChannel implements DuplexChannel {

  /** At most 16 reads in a row before others have their turn, as for Netty's channels. */
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  /** Not among Netty's constants; reported whether asked for or not. */
  private static final int EPOLLHUP = 0x10;

  /** Not among Netty's constants: urgent data of TCP is there (RFC 9293 §3.8.5). */
  private static final int EPOLLPRI = 0x2;

  private static final int EPOLLIN = EpollIoOps.EPOLLIN.value();
  private static final int EPOLLOUT = EpollIoOps.EPOLLOUT.value();
  private static final int EPOLLERR = EpollIoOps.EPOLLERR.value();
  private static final int EPOLLRDHUP = EpollIoOps.EPOLLRDHUP.value();

  private static final EpollIoOps INPUT =
      EpollIoOps.valueOf(EPOLLIN | EPOLLPRI | EPOLLRDHUP | EpollIoOps.EPOLLET.value());

  private static final EpollIoOps BOTH = EpollIoOps.valueOf(INPUT.value() | EPOLLOUT);

  private final boolean tcp;
  private final EpollStreamConfig config;
  private final StreamInput input;
  private final StreamOutput output;
  private final Runnable watching = this::watch;
  private final Runnable flushLater = this::flushNow;

  private volatile @Nullable SocketAddress local;
  private volatile @Nullable SocketAddress remote;
  private EpollIoOps interest = INPUT;
  private boolean watched;
  private boolean full;

  // connecting
  private @Nullable ChannelPromise connecting;
  private @Nullable SocketAddress target;
  private @Nullable ScheduledFuture<?> connectLimit;

  private EpollStream(
      @Nullable Channel parent,
      LinuxSocket socket,
      boolean tcp,
      @Nullable SocketAddress local,
      @Nullable SocketAddress remote) {
    super(parent, socket);
    this.tcp = tcp;
    this.config = new EpollStreamConfig(this, socket, tcp);
    this.input = new StreamInput(this, socket, tcp, config);
    this.output = new StreamOutput(socket);
    this.local = local;
    this.remote = remote;
    if (remote != null) {
      activate();
    }
  }

  /**
   * A new socket of the kind that reaches an address; TCP sends without delay (RFC 9293 §3.7.4,
   * Nagle's algorithm off).
   *
   * @throws ChannelException where there is none to be had
   */
  public static EpollStream toReach(SocketAddress address) {
    if (address instanceof DomainSocketAddress) {
      return new EpollStream(null, LinuxSocket.newSocketDomain(), false, null, null);
    }
    LinuxSocket socket = newTcpSocket(address);
    EpollStream stream = new EpollStream(null, socket, true, null, null);
    try {
      socket.setTcpNoDelay(true);
    } catch (IOException e) {
      stream.unsafe().closeForcibly();
      throw new ChannelException(e);
    }
    return stream;
  }

  /** One of IPv4 alone where that does: one of IPv6, which serves both, costs the kernel more. */
  static LinuxSocket newTcpSocket(SocketAddress address) {
    boolean ipv4 =
        address instanceof InetSocketAddress inet
            && inet.getAddress() instanceof Inet4Address host
            && !host.isAnyLocalAddress(); // the wildcard of IPv4 stands for every address
    return ipv4
        ? LinuxSocket.newSocketStream(SocketProtocolFamily.INET)
        : LinuxSocket.newSocketStream();
  }

  /**
   * A connection that was accepted.
   *
   * @param local our end, or null where only the kernel knows it
   */
  static EpollStream accepted(
      EpollListener by, int descriptor, @Nullable SocketAddress local, SocketAddress remote) {
    LinuxSocket socket = LinuxSocket.newSocket(descriptor);
    return new EpollStream(by, socket, remote instanceof InetSocketAddress, local, remote);
  }

  // ---- what epoll says ----

  @Override
  void ready(int events) {
    if (!watched) {
      return; // of a socket that had this descriptor, and was closed in the round that reports it
    }
    boolean failed = (events & EPOLLERR) != 0;
    if (connecting != null) {
      if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) {
        return;
      }
      finishConnect(failed || (events & EPOLLHUP) != 0);
    }
    if (full && !failed && (events & EPOLLOUT) != 0) {
      full = false;
      flushNow();
    }
    if ((events & EPOLLPRI) != 0) {
      input.urgent();
    }
    boolean ends = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (isActive() && (ends || (events & EPOLLIN) != 0)) {
      input.ready(ends, failed);
    }
  }

  @Override
  void onRegistered() {
    if (isActive()) {
      eventLoop().execute(watching);
    }
  }

  /** Tells epoll; in a task of its own, which runs after all that this round reports. */
  private void watch() {
    if (!watched && isOpen()) {
      watched = true;
      tell();
    }
  }

  /** Tells epoll what it is to report, and so asks for what it has to report. */
  void tell() {
    if (!watched) {
      return;
    }
    try {
      watchFor(interest);
    } catch (IOException e) {
      ChannelPromise waiting = connecting;
      if (waiting != null) {
        waiting.tryFailure(e);
      } else {
        pipeline().fireExceptionCaught(e);
      }
      closeNow();
    }
  }

  // ---- connecting and closing ----

  @Override
  protected void doBind(SocketAddress address) throws IOException {
    socket.bind(address);
  }

  private final class Operations extends AbstractUnsafe {
    @Override
    public void connect(SocketAddress to, @Nullable SocketAddress from, ChannelPromise promise) {
      if (!promise.setUncancellable() || !ensureOpen(promise)) {
        return;
      }
      if (connecting != null) {
        promise.tryFailure(new ConnectionPendingException());
        return;
      }
      if (isActive()) {
        promise.tryFailure(new AlreadyConnectedException());
        return;
      }
      try {
        if (from != null) {
          socket.bind(from);
        }
        boolean done = socket.connect(to);
        target = to;
        interest = done ? INPUT : BOTH;
        connecting = promise;
        eventLoop().execute(watching);
        if (done) {
          connected();
        } else {
          limit(to);
        }
      } catch (IOException | RuntimeException e) {
        connecting = null;
        promise.tryFailure(annotateConnectException(e, to));
        close(voidPromise());
      }
    }

    private void limit(SocketAddress to) {
      int millis = config.getConnectTimeoutMillis();
      if (millis > 0) {
        connectLimit =
            eventLoop().schedule(() -> timedOut(to, millis), millis, TimeUnit.MILLISECONDS);
      }
    }

    private void timedOut(SocketAddress to, int millis) {
      ChannelPromise waiting = connecting;
      if (waiting != null) {
        waiting.tryFailure(
            new ConnectTimeoutException("connection timed out after " + millis + " ms: " + to));
        close(voidPromise());
      }
    }

    void notConnected(IOException cause) {
      ChannelPromise waiting = connecting;
      connecting = null;
      noLimit();
      SocketAddress to = target;
      if (waiting != null && to != null) {
        waiting.tryFailure(annotateConnectException(cause, to));
      }
      close(voidPromise());
    }

    @Override
    protected void flush0() {
      if (!full) {
        super.flush0();
      }
    }

    void flushAll() {
      flush0();
    }
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new Operations();
  }

  private Operations operations() {
    return (Operations) unsafe();
  }

  /**
   * The kernel has decided.
   *
   * @param ask whether it failed, or may have; else there is nothing to ask for
   */
  private void finishConnect(boolean ask) {
    if (ask) {
      try {
        if (!socket.finishConnect()) {
          return;
        }
      } catch (IOException e) {
        operations().notConnected(e);
        return;
      }
    }
    connected();
  }

  private void connected() {
    ChannelPromise waiting = connecting;
    connecting = null;
    noLimit();
    remote = target;
    activate();
    if (waiting != null) {
      waiting.trySuccess();
    }
    pipeline().fireChannelActive();
  }

  private void noLimit() {
    ScheduledFuture<?> running = connectLimit;
    if (running != null) {
      running.cancel(false);
      connectLimit = null;
    }
  }

  @Override
  protected void doDisconnect() throws IOException {
    doClose();
  }

  @Override
  protected void doClose() throws IOException {
    input.close();
    noLimit();
    ChannelPromise waiting = connecting;
    connecting = null;
    if (waiting != null) {
      waiting.tryFailure(new ClosedChannelException());
    }
    super.doClose();
  }

  // ---- reading and writing ----

  @Override
  protected void doBeginRead() {
    input.want();
  }

  /** Auto-read was turned off. */
  void wantNoMore() {
    if (isRegistered() && !eventLoop().inEventLoop()) {
      eventLoop().execute(this::wantNoMore);
    } else if (!config.isAutoRead()) { // not on again by now
      input.wantNoMore();
    }
  }

  @Override
  protected Object filterOutboundMessage(Object message) {
    return StreamOutput.accept(this, message);
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer out) throws Exception {
    for (int left = config.getWriteSpinCount(); left > 0; left--) {
      if (out.isEmpty()) {
        return;
      }
      if (!output.write(out)) {
        awaitRoom();
        return;
      }
    }
    eventLoop().execute(flushLater); // others have their turn first
  }

  /** The socket takes no more; whether it does again is told by epoll. */
  private void awaitRoom() {
    full = true;
    if (!interest.equals(BOTH)) {
      interest = BOTH;
      tell(); // is answered by a report where there is room by now
    }
  }

  private void flushNow() {
    if (!socket.isOutputShutdown()) {
      operations().flushAll();
    }
  }

  // ---- each direction ----

  @Override
  protected void doShutdownOutput() throws IOException {
    socket.shutdown(false, true);
  }

  @Override
  public boolean isInputShutdown() {
    return input.ended() || socket.isInputShutdown();
  }

  @Override
  public boolean isOutputShutdown() {
    return socket.isOutputShutdown();
  }

  @Override
  public boolean isShutdown() {
    return isInputShutdown() && isOutputShutdown();
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    onLoop(() -> operations().shutdownOutput(promise));
    return promise;
  }

  @Override
  public ChannelFuture shutdownInput() {
    return shutdownInput(newPromise());
  }

  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    onLoop(
        () -> {
          try {
            socket.shutdown(true, false);
            promise.setSuccess();
          } catch (IOException e) {
            promise.setFailure(e);
          }
        });
    return promise;
  }

  @Override
  public ChannelFuture shutdown() {
    return shutdown(newPromise());
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    shutdownOutput()
        .addListener(
            output -> {
              if (output.isSuccess()) {
                shutdownInput(promise);
              } else {
                shutdownInput();
                promise.setFailure(output.cause());
              }
            });
    return promise;
  }

  private void onLoop(Runnable action) {
    EventLoop loop = eventLoop();
    if (loop.inEventLoop()) {
      action.run();
    } else {
      loop.execute(action);
    }
  }

  // ---- what it is ----

  @Override
  public EpollStreamConfig config() {
    return config;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    SocketAddress known = local;
    if (known == null && socket.isOpen()) {
      known = tcp ? socket.localAddress() : null;
      local = known;
    }
    Channel by = parent();
    return known == null && by != null ? by.localAddress() : known;
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return remote;
  }
}
