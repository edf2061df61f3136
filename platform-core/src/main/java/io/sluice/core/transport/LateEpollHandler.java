package io.sluice.core.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Netty's epoll, told what each socket waits for once a round instead of at every change: what
 * became of a socket since the loop last waited is one {@code epoll_ctl}, and none where it changed
 * back or where the socket is closed by now, which ends its registration by itself. epoll is asked
 * for levels, not edges, so that what came meanwhile is told at the next wait. The idea is that of
 * libevent's changelist (EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST); its exception, descriptors that are
 * duplicated, does not occur here.
 *
 * <p>Lives on one event loop; only {@link #wakeup} comes from elsewhere, and cancelled or changed
 * registrations may, which pass through the loop.
 */
final class LateEpollHandler implements IoHandler {

  private static final Logger log = LoggerFactory.getLogger(LateEpollHandler.class);

  private final ThreadAwareExecutor executor;
  private final IoHandler epoll;
  private final List<Registration> changed = new ArrayList<>();

  private LateEpollHandler(ThreadAwareExecutor executor, IoHandler epoll) {
    this.executor = executor;
    this.epoll = epoll;
  }

  /** Makes one for each loop. */
  static IoHandlerFactory newFactory() {
    IoHandlerFactory handlers = EpollIoHandler.newFactory();
    return executor -> new LateEpollHandler(executor, handlers.newHandler(executor));
  }

  /** One socket: what stands between its channel and epoll, in both directions. */
  private final class Registration implements IoRegistration, EpollIoHandle {

    private final EpollIoHandle socket;
    private IoRegistration inner;
    private EpollIoOps wanted = EpollIoOps.NONE;
    private EpollIoOps told = EpollIoOps.NONE;
    private boolean listed;
    private volatile boolean cancelled;

    @SuppressWarnings("NullAway.Init") // given by register, which makes it
    Registration(EpollIoHandle socket) {
      this.socket = socket;
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // as Netty declares it
    public <T> T attachment() {
      return inner.attachment();
    }

    @Override
    public long submit(IoOps ops) {
      EpollIoOps now = (EpollIoOps) ops;
      if (cancelled) {
        return -1;
      }
      if (executor.isExecutorThread(Thread.currentThread())) {
        wanted = now;
        list();
      } else {
        executor.execute(() -> submit(now));
      }
      return now.value();
    }

    @Override
    public boolean isValid() {
      return !cancelled;
    }

    @Override
    public boolean cancel() {
      if (cancelled) {
        return false;
      }
      cancelled = true;
      if (executor.isExecutorThread(Thread.currentThread())) {
        list();
      } else {
        executor.execute(this::list);
      }
      return true;
    }

    private void list() {
      if (!listed) {
        listed = true;
        changed.add(this);
      }
    }

    void tell() {
      listed = false;
      if (cancelled) {
        inner.cancel(); // no call to the kernel where the socket is closed
      } else if (!wanted.equals(told)) {
        told = wanted;
        inner.submit(wanted);
      }
    }

    @Override
    public FileDescriptor fd() {
      return socket.fd();
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      if (!cancelled) {
        socket.handle(this, event);
      }
    }

    @Override
    public void registered() {
      socket.registered();
    }

    @Override
    public void unregistered() {
      socket.unregistered();
    }

    @Override
    public void close() {
      try {
        socket.close();
      } catch (Exception e) {
        log.warn("closing a socket failed", e);
      }
    }
  }

  private void tellAll() {
    for (int i = 0; i < changed.size(); i++) { // a failure may add to it
      Registration each = changed.get(i);
      try {
        each.tell();
      } catch (RuntimeException e) { // an IOException of epoll, wrapped
        log.warn("epoll does not watch a socket, which is closed for that", e);
        each.close();
      }
    }
    changed.clear();
  }

  @Override
  public void initialize() {
    epoll.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    tellAll();
    return epoll.run(context);
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    tellAll(); // the descriptor may be that of one which was closed since
    Registration registration = new Registration((EpollIoHandle) handle);
    registration.inner = epoll.register(registration);
    return registration;
  }

  @Override
  public void prepareToDestroy() {
    tellAll();
    epoll.prepareToDestroy();
  }

  @Override
  public void destroy() {
    epoll.destroy();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return epoll.isCompatible(handleType);
  }

  @Override
  public void wakeup() {
    epoll.wakeup();
  }
}
