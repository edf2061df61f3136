package io.sluice.core.transport.epoll;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The options of an {@link EpollStream}. Those of the socket are asked of it and told to it only
 * when somebody wants them; those of TCP are unknown to a Unix-domain socket, and a closed socket
 * knows none.
 */
final class EpollStreamConfig extends DefaultChannelConfig {

  /** Keeps nothing but its bounds: what it learns is kept by the handle of each connection. */
  private static final RecvByteBufAllocator ALLOCATOR = new AdaptiveRecvByteBufAllocator();

  private final EpollStream stream;
  private final LinuxSocket socket;
  private final boolean tcp;
  private volatile boolean allowHalfClosure;

  EpollStreamConfig(EpollStream stream, LinuxSocket socket, boolean tcp) {
    super(stream, ALLOCATOR);
    this.stream = stream;
    this.socket = socket;
    this.tcp = tcp;
  }

  /** Whether the end of the input leaves the output open; else it closes the channel. */
  boolean isAllowHalfClosure() {
    return allowHalfClosure;
  }

  @Override
  public Map<ChannelOption<?>, Object> getOptions() {
    return getOptions(
        super.getOptions(),
        ChannelOption.ALLOW_HALF_CLOSURE,
        ChannelOption.SO_KEEPALIVE,
        ChannelOption.SO_LINGER,
        ChannelOption.TCP_NODELAY);
  }

  @Override
  @SuppressWarnings("unchecked") // each option names the type of its value
  public <T> @Nullable T getOption(ChannelOption<T> option) {
    if (option.equals(ChannelOption.ALLOW_HALF_CLOSURE)) {
      return (T) Boolean.valueOf(allowHalfClosure);
    }
    if (!isOfSocket(option)) {
      return super.getOption(option);
    }
    if (!known()) {
      return null;
    }
    try {
      if (option.equals(ChannelOption.SO_KEEPALIVE)) {
        return (T) Boolean.valueOf(socket.isKeepAlive());
      }
      if (option.equals(ChannelOption.SO_LINGER)) {
        return (T) Integer.valueOf(socket.getSoLinger());
      }
      return (T) Boolean.valueOf(socket.isTcpNoDelay());
    } catch (IOException e) {
      throw new ChannelException(e);
    }
  }

  @Override
  public <T> boolean setOption(ChannelOption<T> option, T value) {
    if (option.equals(ChannelOption.ALLOW_HALF_CLOSURE)) {
      validate(option, value);
      allowHalfClosure = (Boolean) value;
      return true;
    }
    if (!isOfSocket(option)) {
      return super.setOption(option, value);
    }
    validate(option, value);
    if (!known()) {
      return false;
    }
    try {
      if (option.equals(ChannelOption.SO_KEEPALIVE)) {
        socket.setKeepAlive((Boolean) value);
      } else if (option.equals(ChannelOption.SO_LINGER)) {
        socket.setSoLinger((Integer) value);
      } else {
        socket.setTcpNoDelay((Boolean) value);
      }
      return true;
    } catch (IOException e) {
      throw new ChannelException(e);
    }
  }

  private static boolean isOfSocket(ChannelOption<?> option) {
    return option.equals(ChannelOption.SO_KEEPALIVE)
        || option.equals(ChannelOption.SO_LINGER)
        || option.equals(ChannelOption.TCP_NODELAY);
  }

  /** Never those of a descriptor that may be another's by now. */
  private boolean known() {
    return tcp && socket.isOpen();
  }

  @Override
  protected void autoReadCleared() {
    stream.wantNoMore();
  }
}
