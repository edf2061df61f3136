package io.sluice.core.transport;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
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

  Class<? extends SocketChannel> socket() {
    return switch (this) {
      case EPOLL -> EpollSocketChannel.class;
      case IO_URING -> IoUringSocketChannel.class;
      case AUTO, NIO -> NioSocketChannel.class;
    };
  }

  Class<? extends ServerChannel> serverSocket() {
    return switch (this) {
      case EPOLL -> EpollServerSocketChannel.class;
      case IO_URING -> IoUringServerSocketChannel.class;
      case AUTO, NIO -> NioServerSocketChannel.class;
    };
  }

  /** The channel for Unix-domain listeners, or null where there is none. */
  @Nullable Class<? extends ServerChannel> serverDomainSocket() {
    return switch (this) {
      case EPOLL -> EpollServerDomainSocketChannel.class;
      case IO_URING -> IoUringServerDomainSocketChannel.class;
      case AUTO, NIO -> null;
    };
  }

  /** The channel for Unix-domain endpoints, or null where there is none. */
  @Nullable Class<? extends io.netty.channel.Channel> domainSocket() {
    return switch (this) {
      case EPOLL -> EpollDomainSocketChannel.class;
      case IO_URING -> IoUringDomainSocketChannel.class;
      case AUTO, NIO -> null;
    };
  }
}
