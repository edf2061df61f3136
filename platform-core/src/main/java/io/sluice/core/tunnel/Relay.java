package io.sluice.core.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.observe.TcpConnection.Ending;
import io.sluice.core.transport.Deadline;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Passes octets between two connections of one event loop, each way for itself: one side may have
 * ended while the other still talks (RFC 9293 §3.6, half-closed). A reset of one side becomes a
 * reset of the other, so that what was cut short does not look whole.
 *
 * <p>Over TLS a direction ends with {@code close_notify} (RFC 8446 §6.1), and input that ends
 * without was cut short. The engines close both directions when the other side closes one, so a
 * side that said it is gone, and gets no more.
 */
final class Relay {

  /** How long we wait for a side to close that can reach nobody any more. */
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final TcpTunnel tunnel;
  private final RelayEnd client;
  private final RelayEnd endpoint;
  private final Deadline deadline;
  private final long idleNanos;
  private long waitingBefore = -1;
  private boolean lingering;

  Relay(TcpTunnel tunnel, TunnelPlan plan, Deadline deadline) {
    this.tunnel = tunnel;
    this.deadline = deadline;
    this.idleNanos = plan.idleNanos();
    this.client = new RelayEnd(this, plan.received());
    this.endpoint = new RelayEnd(this, plan.sent());
    client.join(endpoint);
    endpoint.join(client);
  }

  /**
   * Takes both connections over.
   *
   * @param before what reads the client's connection so far
   */
  void begin(Channel from, Intake before, Channel to) {
    to.pipeline().addLast(endpoint);
    from.pipeline().replace(before, null, client);
    client.tune();
    endpoint.tune();
    moved();
    ByteBuf came = before.take();
    if (came != null) {
      client.pass(came);
    }
    to.flush();
    endpoint.readOn();
    if (before.saidClose()) {
      client.saidClose();
    } else if (before.inputEnded()) {
      client.inputEnded();
    } else if (!before.reading()) {
      client.readOn();
    }
  }

  /** Octets moved. */
  void moved() {
    if (!lingering) {
      waitingBefore = -1; // what fills up again to where it was did not stand still
      deadline.after(idleNanos);
    }
  }

  long receivedBytes() {
    return client.bytes();
  }

  long sentBytes() {
    return endpoint.bytes();
  }

  /** One direction came to its end: closes where both did. */
  void ended() {
    if (client.over() && endpoint.over()) {
      tunnel.conclude(Ending.COMPLETED, null);
      client.close();
      endpoint.close();
    }
  }

  /** A connection is closed. */
  void closed(RelayEnd end) {
    RelayEnd other = end.other();
    if (other.closed()) {
      tunnel.end();
    } else if (tunnel.concluded()) {
      other.closeHonestly();
    } else if (end.sawEnd() && !end.cutOff()) {
      other.finish(); // all it had to say came: the other side gets it whole
    } else {
      boolean byClient = end == client;
      @Nullable ErrorKind kind = byClient ? null : ErrorKind.CONNECTION_TERMINATED;
      tunnel.conclude(byClient ? Ending.CANCELLED : Ending.FAILED, kind);
      if (end.sawEnd()) {
        other.breakOff(); // what it had to say came, what it was told did not arrive
      } else {
        other.reset();
      }
    }
  }

  /**
   * Nobody reads what comes any more, and all that was for the side that is left is sent: gives it
   * a moment to take that and to close, so that it loses nothing.
   */
  void linger() {
    lingering = true;
    deadline.after(LINGER_NANOS);
  }

  void onDeadline() {
    long waiting = client.waiting() + endpoint.waiting();
    if (!lingering && waiting > 0 && waiting != waitingBefore) {
      waitingBefore = waiting; // a slow reader is not silent
      deadline.after(idleNanos);
      return;
    }
    tunnel.conclude(lingering ? Ending.COMPLETED : Ending.IDLE, null);
    close();
  }

  /** Closes both sides as they stand. */
  void close() {
    client.closeHonestly();
    endpoint.closeHonestly();
  }
}
