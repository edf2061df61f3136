package io.sluice.core.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.RequestHead;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.PickRequest;
import io.sluice.api.upstream.RetryPolicy;
import io.sluice.core.plugin.Fatal;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.upstream.AttemptResult;
import io.sluice.core.upstream.ConnectionTaker;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.Upstream;
import io.sluice.core.upstream.UpstreamStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The attempts of one tunnel. A connection counts as an attempt for as long as it lasts; whether
 * the endpoint was to be reached is told to those who judge it (outlier detection, circuit breaker)
 * as soon as it is known.
 */
final class Connecting implements PickRequest {

  private static final Logger log = LoggerFactory.getLogger(Connecting.class);

  private enum State {
    IDLE,
    CONNECTING,
    BACKING_OFF,
    CONNECTED,
    OVER
  }

  /** One try at one endpoint. */
  private final class Try extends AttemptResult implements ConnectionTaker {
    private final EndpointState at;

    Try(EndpointState at) {
      super(System.nanoTime());
      this.at = at;
    }

    @Override
    public boolean wanted() {
      return state == State.CONNECTING && current == this;
    }

    @Override
    public @Nullable ByteBuf preamble(ByteBufAllocator allocator) {
      return tunnel.preamble(upstream, allocator);
    }

    @Override
    public void onConnection(UpstreamStream connection) {
      state = State.CONNECTED;
      headCame(0, System.nanoTime());
      upstream.connectionMade(at, this);
      settled();
      tunnel.onConnected(connection);
    }

    @Override
    public void onUnavailable(ErrorKind kind) {
      if (wanted()) {
        over(kind);
        next(this, kind);
      }
    }

    void over(@Nullable ErrorKind kind) {
      state = State.OVER;
      ended(kind, System.nanoTime());
      upstream.attemptEnded(at, this);
    }

    void cancelled(@Nullable ErrorKind kind) {
      markCancelled();
      over(kind);
    }
  }

  private final TcpTunnel tunnel;
  private final Upstream upstream;
  private final LoopContext loop;
  private final List<EndpointState> tried = new ArrayList<>(1);
  private State state = State.IDLE;
  private @Nullable Try current;
  private int retries;
  private boolean begun;

  Connecting(TcpTunnel tunnel, Upstream upstream, LoopContext loop) {
    this.tunnel = tunnel;
    this.upstream = upstream;
    this.loop = loop;
  }

  Upstream upstream() {
    return upstream;
  }

  @Nullable Endpoint endpoint() {
    return current == null ? null : current.at;
  }

  int made() {
    return tried.size();
  }

  void begin() {
    RetryPolicy policy = upstream.retry();
    if (policy != null) {
      try {
        policy.onRequest();
        begun = true;
      } catch (Throwable e) {
        threw("onRequest", e);
      }
    }
    attempt();
  }

  private void attempt() {
    EndpointState picked;
    try {
      picked = upstream.pick(this);
    } catch (Throwable e) {
      Fatal.rethrow(e);
      log.error("connection {}: the balancer of {} failed", tunnel.id(), upstream.name(), e);
      fail(ErrorKind.INTERNAL_ERROR);
      return;
    }
    if (picked == null) {
      fail(ErrorKind.NO_ENDPOINT);
      return;
    }
    Try attempt = new Try(picked);
    ErrorKind refused = upstream.tryAttempt(picked, attempt, 0);
    if (refused != null) {
      fail(refused);
      return;
    }
    tried.add(picked);
    current = attempt;
    state = State.CONNECTING;
    upstream.pool(loop).acquire(picked, attempt, true);
  }

  private void threw(String what, Throwable cause) {
    Fatal.rethrow(cause);
    log.error("upstreams.{}.retry: {} threw, no other try is made", upstream.name(), what, cause);
  }

  /** No other try will be made. */
  private void settled() {
    RetryPolicy policy = upstream.retry();
    if (begun && policy != null) {
      begun = false;
      try {
        policy.onRequestEnd(retries);
      } catch (Throwable e) {
        threw("onRequestEnd", e);
      }
    }
  }

  private void fail(ErrorKind kind) {
    state = State.OVER;
    settled();
    tunnel.onUnreachable(kind);
  }

  /** A try failed: another one, now or later, or none. */
  private void next(Try failed, ErrorKind kind) {
    long wait = waitBeforeNext(failed, kind);
    if (wait < 0) {
      fail(kind);
    } else if (wait == 0) {
      attempt();
    } else {
      state = State.BACKING_OFF;
      tunnel.deadline().after(wait);
    }
  }

  private long waitBeforeNext(Try failed, ErrorKind kind) {
    RetryPolicy policy = upstream.retry();
    if (policy == null || kind == ErrorKind.LIMIT_REACHED) {
      return RetryPolicy.NO;
    }
    try {
      if (tried.size() >= policy.maxAttempts()) {
        upstream.countRetry(Upstream.Retry.EXHAUSTED);
        return RetryPolicy.NO;
      }
      long wait = policy.retryAfter(null, failed, tried.size());
      retries += wait < 0 ? 0 : 1;
      upstream.countRetry(wait < 0 ? Upstream.Retry.REFUSED : Upstream.Retry.RETRIED);
      return wait;
    } catch (Throwable e) {
      threw("retryAfter", e);
      return RetryPolicy.NO;
    }
  }

  /** The time to wait before another attempt is over. */
  void backedOff() {
    if (state == State.BACKING_OFF) {
      attempt();
    }
  }

  /** The client left before an endpoint was reached. */
  void cancel() {
    State was = state;
    state = State.OVER;
    settled();
    Try left = current;
    if (was == State.CONNECTING && left != null) {
      upstream.pool(loop).cancel(left);
      left.cancelled(null);
    }
  }

  /** The connection to the endpoint is closed, if there ever was one. */
  void connectionEnded(boolean byClient, @Nullable ErrorKind kind) {
    Try over = current;
    if (state != State.CONNECTED || over == null) {
      return;
    }
    if (byClient) {
      over.cancelled(kind);
    } else {
      over.over(kind);
    }
  }

  // ---- what balancers ask ----

  @Override
  public @Nullable RequestHead request() {
    return null;
  }

  @Override
  public int earlierAttempts() {
    return tried.size();
  }

  @Override
  public boolean excluded(Endpoint candidate) {
    return tried.contains(candidate) || !upstream.hasRoom(candidate);
  }

  @Override
  public String clientIp() {
    return tunnel.clientIp();
  }
}
