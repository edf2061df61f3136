package io.sluice.core.transport.epoll;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.IovArray;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.unix.UnixChannelUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.UncheckedBooleanSupplier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection, of TCP or of a Unix-domain socket, that the kernel is asked about as little as can
 * be: epoll is told once that it is there and reports edges (epoll(7), as nginx uses it), so that
 * what is read, connected or waited for costs no {@code epoll_ctl}; a read that did not fill its
 * buffer took all there was; addresses are asked for by who wants them.
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
 * <p>Belongs to its event loop; {@link #config()}, the addresses and the state of the socket may be
 * asked from anywhere.
 */
public final class EpollStream extends AbstractChannel implements DuplexChannel, UnixChannel {

  /** At most 16 reads in a row before others have their turn, as for Netty's channels. */
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  /** How often in a row a connection reads on before all others are looked at. */
  private static final int MAX_TURNS = 4;

  /** Octets that one call offers to the socket, of many buffers together. */
  private static final long MAX_GATHERED = 1 << 20;

  /** Not among Netty's constants; reported whether asked for or not. */
  private static final int EPOLLHUP = 0x10;

  private static final int EPOLLIN = EpollIoOps.EPOLLIN.value();
  private static final int EPOLLOUT = EpollIoOps.EPOLLOUT.value();
  private static final int EPOLLERR = EpollIoOps.EPOLLERR.value();
  private static final int EPOLLRDHUP = EpollIoOps.EPOLLRDHUP.value();

  private static final EpollIoOps INPUT =
      EpollIoOps.valueOf(EPOLLIN | EPOLLRDHUP | EpollIoOps.EPOLLET.value());

  private static final EpollIoOps BOTH =
      EpollIoOps.valueOf(EPOLLIN | EPOLLOUT | EPOLLRDHUP | EpollIoOps.EPOLLET.value());

  private final LinuxSocket socket;
  private final boolean tcp;
  private final EpollStreamConfig config;
  private final Handle handle = new Handle();
  private final Runnable watching = this::watch;
  private final Runnable readLater = this::readIfWanted;
  private final Runnable flushLater = this::flushNow;

  private volatile boolean active;
  private volatile @Nullable SocketAddress local;
  private volatile @Nullable SocketAddress remote;

  // what epoll knows
  private @Nullable IoRegistration registration;
  private EpollIoOps interest = INPUT;
  private boolean watched;

  // connecting
  private @Nullable ChannelPromise connecting;
  private @Nullable SocketAddress target;
  private @Nullable ScheduledFuture<?> connectLimit;

  // reading
  private boolean wanted;
  private boolean readable;
  private boolean reading;
  private boolean readPlanned;
  private int turns;
  private boolean hungUp;
  private boolean broken;
  private boolean inputEnded;

  // writing
  private boolean full;

  private EpollStream(
      @Nullable Channel parent,
      LinuxSocket socket,
      boolean tcp,
      @Nullable SocketAddress local,
      @Nullable SocketAddress remote) {
    super(parent);
    this.socket = socket;
    this.tcp = tcp;
    this.config = new EpollStreamConfig(this, socket, tcp);
    this.local = local;
    this.remote = remote;
    this.active = remote != null;
  }

  /**
   * A new socket of the kind that reaches an address; TCP sends without delay (RFC 9293 §3.7.4,
   * Nagle's algorithm off).
   *
   * @throws io.netty.channel.ChannelException where there is none to be had
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
      throw new io.netty.channel.ChannelException(e);
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

  private final class Handle implements EpollIoHandle {
    @Override
    public FileDescriptor fd() {
      return socket;
    }

    @Override
    public void registered() {}

    @Override
    public void unregistered() {}

    @Override
    public void handle(IoRegistration from, IoEvent event) {
      // Before it is watched: meant for a socket that had this descriptor, and was closed in the
      // round that reports it.
      if (watched && socket.isOpen()) {
        ready(((EpollIoEvent) event).ops().value());
      }
    }

    @Override
    public void close() {
      unsafe().close(unsafe().voidPromise());
    }
  }

  private void ready(int events) {
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
    boolean ends = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (!active || !(ends || (events & EPOLLIN) != 0)) {
      return;
    }
    boolean unasked = ends && !hungUp;
    hungUp |= ends;
    broken |= failed;
    if (inputEnded) {
      if (failed) {
        breakOff();
      }
      return;
    }
    readable = true;
    turns = 0;
    if (unasked || wantsRead()) {
      readNow();
    }
  }

  /** Tells epoll; in a task of its own, which runs after all that this round reports. */
  private void watch() {
    if (!watched && socket.isOpen()) {
      watched = true;
      tell();
    }
  }

  private void tell() {
    IoRegistration with = registration;
    if (!watched || with == null) {
      return;
    }
    try {
      with.submit(interest);
    } catch (UncheckedIOException e) { // such as for want of memory, or of watches for this user
      ChannelPromise waiting = connecting;
      if (waiting != null) {
        waiting.tryFailure(e.getCause());
      } else {
        pipeline().fireExceptionCaught(e.getCause());
      }
      handle.close();
    }
  }

  /** The socket takes no more; whether it does again is told by epoll. */
  private void awaitRoom() {
    full = true;
    if (!interest.equals(BOTH)) {
      interest = BOTH;
      tell(); // is answered by a report where there is room by now
    }
  }

  // ---- registering, connecting, closing ----

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return loop instanceof IoEventLoop with && with.isCompatible(Handle.class);
  }

  @Override
  protected void doRegister(ChannelPromise promise) {
    ((IoEventLoop) eventLoop())
        .register(handle)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                promise.setFailure(done.cause());
                return;
              }
              registration = (IoRegistration) done.getNow();
              if (active) {
                eventLoop().execute(watching);
              }
              promise.setSuccess();
            });
  }

  @Override
  protected void doDeregister() {
    IoRegistration with = registration;
    if (with != null) {
      with.cancel(); // costs no call where the socket is closed
    }
  }

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
      if (active) {
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
    active = true;
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
    active = false;
    inputEnded = true;
    readable = false;
    noLimit();
    ChannelPromise waiting = connecting;
    connecting = null;
    if (waiting != null) {
      waiting.tryFailure(new ClosedChannelException());
    }
    try {
      socket.close(); // before it is deregistered, which is then done without a call
    } finally {
      doDeregister();
    }
  }

  // ---- reading ----

  @Override
  protected void doBeginRead() {
    wanted = true;
    planRead();
  }

  private boolean wantsRead() {
    return wanted || broken || config.isAutoRead();
  }

  /**
   * What epoll reported is still there. It is read in a task; after some of those epoll is asked
   * again, for the loop waits for no other socket before its tasks are done.
   */
  private void planRead() {
    if (!readable || reading || readPlanned) {
      return;
    }
    if (++turns < MAX_TURNS) {
      readPlanned = true;
      eventLoop().execute(readLater);
    } else {
      readable = false;
      tell(); // is answered by a report where there is something to read
    }
  }

  private void readIfWanted() {
    readPlanned = false;
    if (readable && wantsRead()) {
      readNow();
    }
  }

  /** Auto-read was turned off. */
  void wantNoMore() {
    if (isRegistered() && !eventLoop().inEventLoop()) {
      eventLoop()
          .execute(
              () -> {
                if (!config.isAutoRead()) {
                  wanted = false;
                }
              });
    } else {
      wanted = false;
    }
  }

  private void readNow() {
    ChannelPipeline pipeline = pipeline();
    RecvByteBufAllocator.ExtendedHandle sizes =
        (RecvByteBufAllocator.ExtendedHandle) unsafe().recvBufAllocHandle();
    sizes.reset(config);
    reading = true;
    boolean end = false;
    Throwable failure = null;
    try {
      do {
        int read = readOnce(pipeline, sizes);
        end = read < 0;
        if (read <= 0) {
          break;
        }
      } while (readable && sizes.continueReading(UncheckedBooleanSupplier.TRUE_SUPPLIER));
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      failure = e;
      readable = false;
    }
    sizes.readComplete();
    pipeline.fireChannelReadComplete();
    reading = false;
    if (failure != null) {
      pipeline.fireExceptionCaught(failure);
      handle.close();
    } else if (end) {
      endInput();
    } else if (wantsRead()) {
      planRead();
    }
  }

  /** Answers how many octets were read: 0 where there are none, -1 where none will come. */
  private int readOnce(ChannelPipeline pipeline, RecvByteBufAllocator.ExtendedHandle sizes)
      throws IOException {
    ByteBuf buffer = config.getAllocator().directBuffer(sizes.guess());
    int read;
    try {
      sizes.attemptedBytesRead(buffer.writableBytes());
      read = receive(buffer);
    } catch (IOException | RuntimeException e) {
      buffer.release();
      throw e;
    }
    sizes.lastBytesRead(read);
    if (read <= 0) {
      buffer.release();
      readable = false;
      return read;
    }
    if (!hungUp && buffer.isWritable(read + 1)) {
      readable = false; // there was room for more: that was all (epoll(7), Q9)
    }
    buffer.writerIndex(buffer.writerIndex() + read);
    sizes.incMessagesRead(1);
    wanted = false;
    pipeline.fireChannelRead(buffer);
    return read;
  }

  private int receive(ByteBuf into) throws IOException {
    int at = into.writerIndex();
    if (into.hasMemoryAddress()) {
      return socket.recvAddress(into.memoryAddress(), at, into.capacity());
    }
    ByteBuffer room = into.internalNioBuffer(at, into.writableBytes());
    return socket.recv(room, room.position(), room.limit());
  }

  private void endInput() {
    if (inputEnded) {
      return;
    }
    inputEnded = true;
    wanted = false;
    if (!config.isAllowHalfClosure()) {
      handle.close();
      return;
    }
    pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
  }

  /** Broken after the end of its input: no read would tell. */
  private void breakOff() {
    try {
      int error = socket.getSoError();
      pipeline().fireExceptionCaught(Errors.newIOException("connection", -error));
    } catch (IOException e) {
      pipeline().fireExceptionCaught(e);
    }
    handle.close();
  }

  // ---- writing ----

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (!(message instanceof ByteBuf octets)) {
      throw new UnsupportedOperationException(
          "a socket takes octets, not " + message.getClass().getName());
    }
    return UnixChannelUtil.isBufferCopyNeededForWrite(octets) ? direct(octets) : octets;
  }

  private ByteBuf direct(ByteBuf octets) {
    ByteBuf copy = alloc().directBuffer(octets.readableBytes());
    copy.writeBytes(octets, octets.readerIndex(), octets.readableBytes());
    ReferenceCountUtil.safeRelease(octets);
    return copy;
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer out) throws Exception {
    for (int left = config.getWriteSpinCount(); left > 0; left--) {
      if (out.isEmpty()) {
        return;
      }
      ByteBuf first = (ByteBuf) out.current();
      long written;
      if (out.size() == 1 && first.nioBufferCount() == 1) {
        written = first.isReadable() ? send(first) : -1;
      } else {
        IovArray gathered = Gather.cleared(MAX_GATHERED);
        out.forEachFlushedMessage(gathered);
        int parts = gathered.count();
        written = parts == 0 ? -1 : socket.writevAddresses(gathered.memoryAddress(0), parts);
      }
      if (written == 0) {
        awaitRoom();
        return;
      }
      out.removeBytes(Math.max(written, 0)); // along with what was empty
    }
    eventLoop().execute(flushLater); // others have their turn first
  }

  private int send(ByteBuf octets) throws IOException {
    int from = octets.readerIndex();
    if (octets.hasMemoryAddress()) {
      return socket.sendAddress(octets.memoryAddress(), from, octets.writerIndex());
    }
    ByteBuffer view = octets.internalNioBuffer(from, octets.readableBytes());
    return socket.send(view, view.position(), view.limit());
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
    return inputEnded || socket.isInputShutdown();
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
  public boolean isOpen() {
    return socket.isOpen();
  }

  @Override
  public boolean isActive() {
    return active;
  }

  @Override
  public FileDescriptor fd() {
    return socket;
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
