package io.sluice.core.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.sluice.core.transport.epoll.EpollListener;
import io.sluice.core.transport.epoll.EpollStream;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** By which system interface sockets are served. */
public enum TransportType {
  /** epoll on Linux, NIO elsewhere. */
  AUTO,
  /** Linux epoll through JNI. */
  EPOLL,
  /** Linux io_uring through JNI; kernel 5.9 or later. */
  IO_URING,
  /** The JDK's selectors. */
  NIO;

  /** What {@link #AUTO} stands for on this machine; itself for the others. */
  public TransportType resolved() {
    if (this != AUTO) {
      return this;
    }
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  /** Why it cannot be used on this machine, or null when it can. */
  public @Nullable String unavailable() {
    Throwable cause =
        switch (this) {
          case EPOLL -> Epoll.unavailabilityCause();
          case IO_URING -> IoUring.unavailabilityCause();
          case AUTO, NIO -> null;
        };
    if (cause == null) {
      return null;
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  IoHandlerFactory handlers() {
    return switch (this) {
      case EPOLL -> EpollIoHandler.newFactory();
      case IO_URING -> IoUringIoHandler.newFactory();
      case AUTO, NIO -> NioIoHandler.newFactory();
    };
  }

  /** What makes channels for connections to an address, or null where it cannot be reached. */
  @Nullable ChannelFactory<? extends Channel> connecting(SocketAddress to) {
    if (this == EPOLL) {
      return () -> EpollStream.toReach(to);
    }
    if (to instanceof DomainSocketAddress) {
      return this == IO_URING ? IoUringDomainSocketChannel::new : null;
    }
    return socket();
  }

  /** What makes Netty's own channels for TCP connections to wherever. */
  ChannelFactory<? extends SocketChannel> socket() {
    return switch (this) {
      case EPOLL -> EpollSocketChannel::new;
      case IO_URING -> IoUringSocketChannel::new;
      case AUTO, NIO -> NioSocketChannel::new;
    };
  }

  /** What makes channels that are bound to an address, or null where that cannot be. */
  @Nullable ChannelFactory<? extends ServerChannel> listening(SocketAddress at) {
    if (this == EPOLL) {
      return () -> EpollListener.toBind(at);
    }
    if (at instanceof DomainSocketAddress) {
      return this == IO_URING ? IoUringServerDomainSocketChannel::new : null;
    }
    return this == IO_URING ? IoUringServerSocketChannel::new : NioServerSocketChannel::new;
  }
}
