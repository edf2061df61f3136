package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.upstream.ConnectionTaker;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.ResponseReceiver;
import io.sluice.core.upstream.Upstream;
import io.sluice.core.upstream.UpstreamConnection;
import org.jspecify.annotations.Nullable;

/**
 * One try at one endpoint. Tells its exchange what happens, for as long as the exchange listens,
 * and the upstream how it went, exactly once. On the exchange's event loop.
 */
final class Attempt implements ConnectionTaker, ResponseReceiver, AttemptOutcome {

  /** Where an attempt is. */
  enum State {
    /** Not begun, or over and observed. */
    OVER,
    /** Waits for a connection. */
    CONNECTING,
    /** The request goes out, no response head came. */
    SENDING,
    /** The head came, content follows. */
    RECEIVING
  }

  private final HttpExchange exchange;
  private final Upstream upstream;
  private final EndpointState endpoint;
  private final long startNanos;

  private State state = State.CONNECTING;
  private @Nullable UpstreamConnection connection;
  private boolean sent;
  private int status;
  private @Nullable ErrorKind error;
  private boolean cancelled;
  private long firstByteNanos;
  private long durationNanos;
  private long retryAfterNanos = -1;

  Attempt(HttpExchange exchange, Upstream upstream, EndpointState endpoint, long startNanos) {
    this.exchange = exchange;
    this.upstream = upstream;
    this.endpoint = endpoint;
    this.startNanos = startNanos;
  }

  Upstream upstream() {
    return upstream;
  }

  EndpointState endpoint() {
    return endpoint;
  }

  State state() {
    return state;
  }

  @Nullable UpstreamConnection connection() {
    return connection;
  }

  /** Nanoseconds since it began. */
  long ageNanos() {
    return exchange.now() - startNanos;
  }

  void sent() {
    sent = true;
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
    cancelled = true;
    UpstreamConnection open = connection;
    leaveQueue();
    over(error);
    if (open != null) {
      open.abort();
    }
  }

  /** Gives the attempt up for a reason that is the endpoint's. */
  void fail(ErrorKind kind) {
    if (state == State.OVER) {
      return;
    }
    UpstreamConnection open = connection;
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
    error = kind;
    durationNanos = exchange.now() - startNanos;
    if (firstByteNanos == 0) {
      firstByteNanos = durationNanos;
    }
    upstream.attemptEnded(endpoint, this);
  }

  @Override
  public boolean wanted() {
    return state == State.CONNECTING;
  }

  @Override
  public void onConnection(UpstreamConnection ready) {
    exchange.forgetClock();
    connection = ready;
    state = State.SENDING;
    exchange.onConnected(this, ready);
  }

  @Override
  public void onUnavailable(ErrorKind kind) {
    if (state != State.CONNECTING) {
      return;
    }
    exchange.forgetClock();
    over(kind);
    exchange.onAttemptFailed(this, kind, false);
  }

  @Override
  public void onInformational(ParsedResponse head) {
    exchange.onInformational(this, head);
  }

  @Override
  public void onHead(ParsedResponse head) {
    state = State.RECEIVING;
    status = head.status();
    firstByteNanos = exchange.readClock() - startNanos;
    exchange.onHead(this, head);
  }

  @Override
  public void onData(ByteBuf data) {
    exchange.onResponseData(this, data);
  }

  @Override
  public void onEnd(@Nullable ByteHeaders trailers) {
    over(null);
    exchange.onResponseEnd(this, trailers);
  }

  @Override
  public void onFailure(ErrorKind kind, boolean stale) {
    exchange.forgetClock();
    cancelled = stale; // the endpoint may have closed an idle connection: nothing against it
    over(kind);
    exchange.onAttemptFailed(this, kind, stale);
  }

  @Override
  public void onWritability(boolean writable) {
    exchange.onUpstreamWritability(writable);
  }

  @Override
  public void onReadComplete() {
    exchange.onUpstreamReadComplete();
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public @Nullable ErrorKind error() {
    return error;
  }

  @Override
  public boolean cancelled() {
    return cancelled;
  }

  @Override
  public boolean requestSent() {
    return sent;
  }

  @Override
  public long firstByteNanos() {
    return firstByteNanos;
  }

  @Override
  public long durationNanos() {
    return durationNanos;
  }

  @Override
  public long retryAfterNanos() {
    return retryAfterNanos;
  }

  /** What Retry-After said (RFC 9110 §10.2.3). */
  void retryAfter(long nanos) {
    retryAfterNanos = nanos;
  }

  /** Fails it with a status of its own, for a response that is given up for another attempt. */
  void giveUp() {
    UpstreamConnection open = connection;
    over(null);
    if (open != null) {
      open.abort();
    }
  }
}
