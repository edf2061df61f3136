package io.sluice.core.transport.epoll;

import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** A socket and its registration with the epoll of its event loop, which owns both. */
abstract class EpollChannel extends AbstractChannel implements UnixChannel {

  final LinuxSocket socket;
  private final Handle handle = new Handle();
  private volatile boolean active;
  private @Nullable IoRegistration registration;

  EpollChannel(@Nullable Channel parent, LinuxSocket socket) {
    super(parent);
    this.socket = socket;
  }

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
      if (socket.isOpen()) {
        ready(((EpollIoEvent) event).ops().value());
      }
    }

    @Override
    public void close() {
      closeNow();
    }
  }

  /** What epoll reports of the open socket, as the bits of epoll_ctl(2). */
  abstract void ready(int events);

  /** It is registered. */
  abstract void onRegistered();

  /** Tells epoll what to report; nothing before it is registered. */
  final void watchFor(EpollIoOps interest) throws IOException {
    IoRegistration with = registration;
    if (with != null) {
      try {
        with.submit(interest);
      } catch (UncheckedIOException e) { // such as for want of memory, or of watches for this user
        throw e.getCause();
      }
    }
  }

  final void closeNow() {
    unsafe().close(unsafe().voidPromise());
  }

  final void activate() {
    active = true;
  }

  @Override
  protected final boolean isCompatible(EventLoop loop) {
    return loop instanceof IoEventLoop with && with.isCompatible(Handle.class);
  }

  @Override
  protected final void doRegister(ChannelPromise promise) {
    ((IoEventLoop) eventLoop())
        .register(handle)
        .addListener(
            done -> {
              if (done.isSuccess()) {
                registration = (IoRegistration) done.getNow();
                onRegistered();
                promise.setSuccess();
              } else {
                promise.setFailure(done.cause());
              }
            });
  }

  @Override
  protected final void doDeregister() {
    IoRegistration with = registration;
    if (with != null) {
      with.cancel(); // costs no call where the socket is closed
    }
  }

  @Override
  protected void doClose() throws IOException {
    active = false;
    try {
      socket.close(); // before it is deregistered, which then costs nothing
    } finally {
      doDeregister();
    }
  }

  @Override
  public final boolean isOpen() {
    return socket.isOpen();
  }

  @Override
  public final boolean isActive() {
    return active;
  }

  @Override
  public final FileDescriptor fd() {
    return socket;
  }
}
