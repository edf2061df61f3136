package io.sluice.core.transport.epoll;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.NativeInetAddress;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A socket that listens, of TCP or a Unix-domain socket, and what it accepts as {@link
 * EpollStream}s: at each report of epoll as many as there are, up to {@value #MAX_ACCEPTED}. Where
 * they come singly, it looks for another in vain ever more seldom, down to once in {@value
 * #MAX_ACCEPTED} reports.
 *
 * <p>Reads, which is to accept, as long as auto-read is on. Belongs to its event loop; the options
 * may be set from anywhere.
 */
public final class EpollListener extends EpollChannel implements ServerChannel {

  static final int MAX_ACCEPTED = 16;

  /** The peer of a Unix-domain socket, which has no name. */
  private static final SocketAddress NAMELESS = new DomainSocketAddress("");

  private static final ChannelMetadata METADATA = new ChannelMetadata(false, MAX_ACCEPTED);

  private final Config config;

  /** Where accept(2) writes who connected: its length, then at most 24 octets. */
  private final byte[] peer = new byte[25];

  private volatile @Nullable SocketAddress local;
  private EpollIoOps interest = EpollIoOps.NONE;
  private boolean fixed;

  /** How many reports are taken for a single connection each. */
  private int singles;

  private int inVain;

  private EpollListener(LinuxSocket socket) {
    super(null, socket);
    this.config = new Config();
  }

  /**
   * A new socket of the kind that can be bound to an address.
   *
   * @throws ChannelException where there is none to be had
   */
  public static EpollListener toBind(SocketAddress address) {
    return new EpollListener(
        address instanceof DomainSocketAddress
            ? LinuxSocket.newSocketDomain()
            : EpollStream.newTcpSocket(address));
  }

  @Override
  void ready(int events) {
    if (isActive() && config.isAutoRead()) {
      accept();
    }
  }

  @Override
  void onRegistered() {}

  private void accept() {
    ChannelPipeline pipeline = pipeline();
    Throwable failure = null;
    int accepted = 0;
    int most = singles > 0 ? 1 : MAX_ACCEPTED;
    try {
      while (accepted < most && isActive() && config.isAutoRead()) {
        int descriptor = socket.accept(peer);
        if (descriptor < 0) {
          break;
        }
        accepted++;
        pipeline.fireChannelRead(connection(descriptor));
      }
      if (most == 1) {
        singles--;
      } else {
        inVain = accepted > 1 ? 0 : Math.min(2 * inVain + 1, MAX_ACCEPTED - 1);
        singles = inVain;
      }
    } catch (IOException | RuntimeException e) {
      failure = e;
    }
    pipeline.fireChannelReadComplete();
    if (failure != null) {
      pipeline.fireExceptionCaught(failure);
    }
  }

  private EpollStream connection(int descriptor) {
    SocketAddress by =
        local instanceof InetSocketAddress ? NativeInetAddress.address(peer, 1, peer[0]) : NAMELESS;
    return EpollStream.accepted(this, descriptor, fixed ? local : null, by);
  }

  @Override
  protected void doBind(SocketAddress address) throws IOException {
    socket.bind(address);
    if (address instanceof InetSocketAddress) {
      InetSocketAddress bound = socket.localAddress();
      local = bound;
      fixed = bound != null && !bound.getAddress().isAnyLocalAddress();
      socket.setTcpNoDelay(true); // what it accepts inherits that
    } else {
      local = address;
      fixed = true;
    }
    socket.listen(config.backlog);
    activate();
  }

  @Override
  protected void doBeginRead() throws IOException {
    watch(EpollIoOps.EPOLLIN);
  }

  private void stopWatching() {
    if (isRegistered() && !eventLoop().inEventLoop()) {
      eventLoop().execute(this::stopWatching);
    } else if (!config.isAutoRead() && interest.equals(EpollIoOps.EPOLLIN)) {
      try {
        watch(EpollIoOps.EPOLLERR);
      } catch (IOException e) {
        pipeline().fireExceptionCaught(e);
      }
    }
  }

  /** By levels, not edges: who is not accepted now is reported again. */
  private void watch(EpollIoOps now) throws IOException {
    if (isActive() && !interest.equals(now)) {
      interest = now;
      watchFor(now);
    }
  }

  @Override
  protected void doDisconnect() {
    throw new UnsupportedOperationException("nobody is connected to a socket that listens");
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new AbstractUnsafe() {
      @Override
      public void connect(SocketAddress to, @Nullable SocketAddress from, ChannelPromise promise) {
        promise.setFailure(new UnsupportedOperationException("a socket that listens"));
      }
    };
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer out) {
    throw new UnsupportedOperationException("a socket that listens");
  }

  @Override
  protected Object filterOutboundMessage(Object message) {
    throw new UnsupportedOperationException("a socket that listens");
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return local;
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return null;
  }

  private final class Config extends DefaultChannelConfig {

    private volatile int backlog = NetUtil.SOMAXCONN;

    Config() {
      super(EpollListener.this);
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
      return getOptions(super.getOptions(), ChannelOption.SO_BACKLOG, ChannelOption.SO_REUSEADDR);
    }

    @Override
    @SuppressWarnings("unchecked") // each option names the type of its value
    public <T> @Nullable T getOption(ChannelOption<T> option) {
      if (option.equals(ChannelOption.SO_BACKLOG)) {
        return (T) Integer.valueOf(backlog);
      }
      if (!option.equals(ChannelOption.SO_REUSEADDR)) {
        return super.getOption(option);
      }
      try {
        return (T) Boolean.valueOf(socket.isReuseAddress());
      } catch (IOException e) {
        throw new ChannelException(e);
      }
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
      if (option.equals(ChannelOption.SO_BACKLOG)) {
        validate(option, value);
        backlog = (Integer) value;
        return true;
      }
      if (!option.equals(ChannelOption.SO_REUSEADDR)) {
        return super.setOption(option, value);
      }
      validate(option, value);
      try {
        socket.setReuseAddress((Boolean) value);
        return true;
      } catch (IOException e) {
        throw new ChannelException(e);
      }
    }

    @Override
    protected void autoReadCleared() {
      stopWatching();
    }
  }
}
