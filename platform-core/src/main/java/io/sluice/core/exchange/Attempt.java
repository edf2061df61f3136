package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.upstream.AttemptResult;
import io.sluice.core.upstream.ConnectionTaker;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.ResponseReceiver;
import io.sluice.core.upstream.Upstream;
import io.sluice.core.upstream.UpstreamStream;
import org.jspecify.annotations.Nullable;

/**
 * One try at one endpoint. Tells its exchange what happens, for as long as the exchange listens,
 * and the upstream how it went, exactly once. On the exchange's event loop.
 */
final class Attempt extends AttemptResult implements ConnectionTaker, ResponseReceiver {

  /**
   * Where an attempt is. What may follow what:
   *
   * <pre>
   *   CONNECTING ─▶ SENDING, OVER     a connection is there; none came, or nobody waits any longer
   *   SENDING    ─▶ RECEIVING, OVER   the response head came; it broke, or was given up
   *   RECEIVING  ─▶ OVER              the response is whole; it broke, or was given up
   * </pre>
   */
  enum State {
    /** Waits for a connection. */
    CONNECTING,
    /** The request goes out, no response head came. */
    SENDING,
    /** The head came, content follows. */
    RECEIVING,
    /** Over, and the upstream has heard how it went. */
    OVER
  }

  private final HttpExchange exchange;
  private final Upstream upstream;
  private final EndpointState endpoint;

  private final ParsedResponse head;
  private final boolean mayWait;

  private State state = State.CONNECTING;
  private long dueNanos;
  private boolean limited;
  private @Nullable UpstreamStream connection;

  /**
   * An attempt that begins now.
   *
   * @param head where its response head goes
   * @param mayWait whether it may queue for a connection
   */
  Attempt(
      HttpExchange exchange,
      Upstream upstream,
      EndpointState endpoint,
      ParsedResponse head,
      boolean mayWait) {
    super(exchange.now());
    this.exchange = exchange;
    this.upstream = upstream;
    this.endpoint = endpoint;
    this.head = head;
    this.mayWait = mayWait;
  }

  Upstream upstream() {
    return upstream;
  }

  EndpointState endpoint() {
    return endpoint;
  }

  ParsedResponse head() {
    return head;
  }

  /** It fails unless something comes of it in {@code nanos}; {@link Long#MAX_VALUE} for never. */
  void limit(long now, long nanos) {
    limited = nanos != Long.MAX_VALUE;
    dueNanos = now + nanos;
  }

  /** What is left of that, or {@link Long#MAX_VALUE}. */
  long leftNanos(long now) {
    return limited ? dueNanos - now : Long.MAX_VALUE;
  }

  State state() {
    return state;
  }

  @Nullable UpstreamStream connection() {
    return connection;
  }

  /** Gets a connection; the answer may come before this returns. */
  void start(boolean fresh) {
    upstream.pool(exchange.loop()).acquire(endpoint, this, fresh);
  }

  /** The exchange no longer listens: the client left, or another answer was found. */
  void cancel() {
    if (state == State.OVER) {
      return;
    }
    markCancelled();
    UpstreamStream open = connection;
    leaveQueue();
    over(null);
    if (open != null) {
      open.abort();
    }
  }

  /** Gives the attempt up since its hedge was answered first. */
  void giveUpOvertaken() {
    if (state != State.OVER && requestSent() && status() == 0) {
      markOvertaken();
    }
    cancel();
  }

  /** Gives the attempt up for a reason that is the endpoint's. */
  void fail(ErrorKind kind) {
    if (state == State.OVER) {
      return;
    }
    UpstreamStream open = connection;
    leaveQueue();
    over(kind);
    if (open != null) {
      open.abort();
    }
  }

  private void leaveQueue() {
    if (state == State.CONNECTING) {
      upstream.pool(exchange.loop()).cancel(this);
    }
  }

  private void over(@Nullable ErrorKind kind) {
    state = State.OVER;
    connection = null;
    ended(kind, exchange.now());
    upstream.attemptEnded(endpoint, this);
  }

  @Override
  public boolean wanted() {
    return state == State.CONNECTING;
  }

  @Override
  public boolean mayWait() {
    return mayWait;
  }

  @Override
  public @Nullable String upgrade() {
    return exchange.upgradeAsked();
  }

  @Override
  public void onConnection(UpstreamStream ready) {
    exchange.forgetClock();
    connection = ready;
    state = State.SENDING;
    exchange.forwarding.onConnected(this, ready);
  }

  @Override
  public void onUnavailable(ErrorKind kind) {
    if (state != State.CONNECTING) {
      return;
    }
    exchange.forgetClock();
    over(kind);
    exchange.forwarding.onAttemptFailed(this, kind, Fate.UNKNOWN);
  }

  @Override
  public void onInformational(ParsedResponse head) {
    exchange.responding.onInformational(this, head);
  }

  @Override
  public void onHead(ParsedResponse head) {
    state = State.RECEIVING;
    headCame(head.status(), exchange.readClock());
    exchange.responding.onHead(this, head);
  }

  @Override
  public void onData(ByteBuf data) {
    exchange.responding.onData(this, data);
  }

  @Override
  public void onEnd(@Nullable ByteHeaders trailers) {
    over(null);
    exchange.responding.onEnd(this, trailers);
  }

  @Override
  public void onFailure(ErrorKind kind, Fate fate) {
    exchange.forgetClock();
    switch (fate) {
      case STALE -> markCancelled(); // it may close an idle connection: nothing against it
      case UNPROCESSED -> {
        markUntouched();
        markCancelled(); // it may take its leave: nothing against it
      }
      case REFUSED -> markUntouched(); // an endpoint that has no room for it is to be spared
      case UNKNOWN -> {
        // it failed
      }
    }
    over(kind);
    exchange.forwarding.onAttemptFailed(this, kind, fate);
  }

  @Override
  public void onWritability(boolean writable) {
    if (writable) {
      exchange.forwarding.onRoom();
    }
  }

  @Override
  public void onReadComplete() {
    exchange.responding.onReadComplete();
  }

  /** It has turned into a tunnel. */
  void tunnelBegan() {
    upstream.tunnelBegan(this);
  }

  /** Fails it with a status of its own, for a response that is given up for another attempt. */
  void giveUp() {
    UpstreamStream open = connection;
    over(null);
    if (open != null) {
      open.drain();
    }
  }
}
