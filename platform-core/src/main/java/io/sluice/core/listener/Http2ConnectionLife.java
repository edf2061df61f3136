package io.sluice.core.listener;

import io.netty.handler.codec.http2.Http2Error;
import io.sluice.core.http.FrameScan;
import io.sluice.core.transport.Deadline;
import java.util.concurrent.TimeUnit;

/**
 * Where an {@link Http2ClientConnection} is on its way from the client's first SETTINGS to its end,
 * and how long it may be there. On the connection's event loop.
 */
final class Http2ConnectionLife {

  /** How long requests may still be on their way when the client is told to send no more. */
  private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private enum State {
    /** The client's first SETTINGS have not come. */
    PREFACE,
    /** Streams come and go. */
    OPEN,
    /** The client was told to open no more streams; those on their way are served (§6.8). */
    DRAINING,
    /** It was told which stream is the last. */
    LAST,
    /** Our last octet is sent; theirs are dropped until they close. */
    LINGER,
    /** Gone. */
    CLOSED
  }

  private final Http2ClientConnection connection;
  private final Http2ClientStreams streams;
  private final FrameScan scan;
  private final ListenerConfig.Timeouts timeouts;
  private final Deadline deadline;
  private State state = State.PREFACE;

  /** Whether the deadline is that of a section that has begun. */
  private boolean sectionDue;

  /**
   * A life.
   *
   * @param scan knows whether the client stopped within a frame
   */
  Http2ConnectionLife(
      Http2ClientConnection connection,
      ClientSide client,
      Http2ClientStreams streams,
      FrameScan scan) {
    this.connection = connection;
    this.streams = streams;
    this.scan = scan;
    this.timeouts = client.config().timeouts();
    this.deadline = new Deadline(client.loop().deadlines(), this::onDeadline);
  }

  // ---- while it lasts ----

  /** The connection is open. */
  void begin() {
    deadline.after(timeouts.header().toNanos());
  }

  /** SETTINGS came. */
  void onSettings() {
    if (state == State.PREFACE) {
      state = State.OPEN;
      deadline.after(timeouts.idle().toNanos());
    }
  }

  /** The first stream came. */
  void onUsed() {
    if (state == State.OPEN) {
      sectionDue = false;
      deadline.clear();
    }
  }

  /** The last stream is over. */
  void onUnused() {
    if (state == State.OPEN) {
      deadline.after(timeouts.idle().toNanos());
    } else {
      endIfUnused();
    }
  }

  /** What has begun must be whole in time; with streams open, their own deadlines say enough. */
  void watchSection() {
    if (state == State.OPEN && !streams.inUse() && scan.within() && !sectionDue) {
      sectionDue = true;
      deadline.after(timeouts.header().toNanos());
    }
  }

  private void onDeadline() {
    sectionDue = false;
    switch (state) {
      case PREFACE -> connection.fail(Http2Error.PROTOCOL_ERROR, "no SETTINGS in time");
      case OPEN -> {
        if (!streams.inUse()) {
          onIdle();
        }
      }
      case DRAINING -> lastStreamIsKnown();
      case LAST -> endIfUnused();
      case LINGER -> connection.close();
      case CLOSED -> {
        // nothing waits
      }
    }
  }

  /** No stream for so long. */
  private void onIdle() {
    if (scan.within()) {
      connection.fail(Http2Error.ENHANCE_YOUR_CALM, "request came too slowly");
    } else {
      lastStreamIsKnown();
    }
  }

  // ---- its end ----

  /**
   * Ends without hurting anybody (RFC 9113 §6.8): requests that are on their way while the client
   * hears of it are served; then it is told which one was the last.
   */
  void goAwaySoon() {
    if (state == State.OPEN || state == State.PREFACE) {
      state = State.DRAINING;
      connection.goAway(Integer.MAX_VALUE);
      deadline.after(Math.min(DRAIN_NANOS, timeouts.idle().toNanos()));
    }
  }

  private void lastStreamIsKnown() {
    state = State.LAST;
    connection.goAway(connection.lastStream());
    endIfUnused();
  }

  /** The client sends no more. */
  void onInputEnded() {
    state = State.LAST;
    endIfUnused();
  }

  private void endIfUnused() {
    if (state == State.LAST && !streams.inUse()) {
      connection.linger();
    }
  }

  /** Our last octet is queued. */
  void linger() {
    state = State.LINGER;
    deadline.after(LingeringClose.NANOS);
  }

  /** The connection is gone. */
  void close() {
    state = State.CLOSED;
    deadline.remove();
  }

  boolean lingers() {
    return state == State.LINGER;
  }

  boolean closed() {
    return state == State.CLOSED;
  }

  /** Whether nothing of what comes is looked at any more. */
  boolean over() {
    return state == State.LINGER || state == State.CLOSED;
  }
}
