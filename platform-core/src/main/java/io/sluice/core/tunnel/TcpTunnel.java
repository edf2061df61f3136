package io.sluice.core.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.observe.AccessLog;
import io.sluice.api.observe.TcpConnection;
import io.sluice.api.upstream.Endpoint;
import io.sluice.core.transport.Abort;
import io.sluice.core.transport.ConnectionEnds;
import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.upstream.Upstream;
import io.sluice.core.upstream.UpstreamStream;
import java.net.SocketAddress;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection whose octets pass unread, with the connection to an endpoint that it is
 * joined to:
 *
 * <pre>
 *   HELLO ─▶ CONNECTING ─▶ RELAYING ─▶ ENDED      HELLO only where a server name decides
 * </pre>
 *
 * <p>What the client sends before an endpoint is reached is read once, so that its leaving is
 * noticed, and kept; no octet went anywhere yet, so another endpoint may be tried. Everything runs
 * on the event loop of the client's connection, which the endpoint's shares.
 */
public final class TcpTunnel implements TcpConnection {

  private enum State {
    HELLO,
    CONNECTING,
    RELAYING,
    ENDED
  }

  /** As for exchanges: steps through all values, so that no two are alike. */
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private static final AtomicLong IDS = new AtomicLong(ThreadLocalRandom.current().nextLong());

  private final ConnectionEnds ends;
  private final LoopContext loop;
  private final TunnelOwner owner;
  private final Intake intake;
  private final Deadline deadline;
  private final long startNanos = System.nanoTime();

  private State state = State.CONNECTING;
  private @Nullable TunnelPlan plan;
  private @Nullable Channel client;
  private @Nullable Connecting connecting;
  private @Nullable Relay relay;
  private @Nullable String serverName;
  private @Nullable String id;
  private @Nullable Ending ending;
  private @Nullable ErrorKind error;
  private long durationNanos;

  private TcpTunnel(ConnectionEnds ends, LoopContext loop, TunnelOwner owner) {
    this.ends = ends;
    this.loop = loop;
    this.owner = owner;
    this.intake = new Intake(this);
    this.deadline = new Deadline(loop.deadlines(), this::onDeadline);
  }

  /**
   * Makes a tunnel of an accepted connection: adds itself to the end of the pipeline, and begins
   * when the connection becomes active there.
   */
  public static void add(
      Channel channel, ConnectionEnds ends, LoopContext loop, TunnelOwner owner) {
    channel.pipeline().addLast(new TcpTunnel(ends, loop, owner).intake);
  }

  /**
   * Makes a tunnel of a connection whose TLS handshake is over; begins at once.
   *
   * @param serverName that the client asked for, or null
   */
  public static void begin(
      Channel channel,
      ConnectionEnds ends,
      LoopContext loop,
      TunnelOwner owner,
      @Nullable String serverName) {
    TcpTunnel tunnel = new TcpTunnel(ends, loop, owner);
    tunnel.serverName = serverName;
    channel.pipeline().addLast(tunnel.intake);
    tunnel.intake.begin();
  }

  private TunnelPlan plan() {
    TunnelPlan known = plan;
    if (known == null) {
      throw new IllegalStateException("not active yet");
    }
    return known;
  }

  // ---- before an endpoint is reached ----

  void onActive(Channel channel) {
    client = channel;
    TunnelPlan given = owner.opened(this);
    plan = given;
    if (given == null) {
      channel.close();
    } else if (given.peeks()) {
      state = State.HELLO;
      intake.peek();
      deadline.after(given.handshakeNanos());
    } else {
      connect(given.upstream(null));
    }
  }

  /** The client said which server it wants; null for none in particular. */
  void onHello(@Nullable String name) {
    serverName = name;
    deadline.clear();
    Upstream upstream = plan().upstream(name);
    if (upstream == null) {
      refuse(Alert.UNRECOGNIZED_NAME);
    } else {
      connect(upstream);
    }
  }

  /** What the client sent is no ClientHello. */
  void onGarbage() {
    refuse(Alert.DECODE_ERROR);
  }

  private void connect(@Nullable Upstream upstream) {
    if (upstream == null) {
      throw new IllegalStateException("listener " + listener() + " has no upstream");
    }
    state = State.CONNECTING;
    Connecting started = new Connecting(this, upstream, loop);
    connecting = started;
    started.begin();
  }

  private void refuse(Alert alert) {
    conclude(Ending.FAILED, ErrorKind.BAD_REQUEST);
    state = State.ENDED;
    Channel open = client;
    if (open != null) {
      open.writeAndFlush(alert.record()).addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** No endpoint can be reached. */
  void onUnreachable(ErrorKind kind) {
    conclude(Ending.FAILED, kind);
    state = State.ENDED;
    if (client != null) {
      Abort.close(client);
    }
  }

  /** What an endpoint of {@code upstream} is sent ahead of everything, or null. */
  @Nullable ByteBuf preamble(Upstream upstream, ByteBufAllocator allocator) {
    return upstream.config().proxyProtocol().header(allocator, ends);
  }

  /** An endpoint was reached: joins the two. */
  void onConnected(UpstreamStream connection) {
    Channel here = client;
    if (here == null) {
      throw new IllegalStateException("not active yet");
    }
    state = State.RELAYING;
    Channel there = connection.handOver();
    Relay started = new Relay(this, plan(), deadline);
    relay = started;
    started.begin(here, intake, there);
  }

  /** The client's connection is gone and no endpoint was reached. */
  void onClientGone() {
    conclude(Ending.CANCELLED, null);
    if (connecting != null) {
      connecting.cancel();
    }
    end();
  }

  // ---- the end ----

  /** Why it ends; the first reason counts. */
  void conclude(Ending how, @Nullable ErrorKind kind) {
    if (ending == null) {
      ending = how;
      error = kind;
    }
  }

  boolean concluded() {
    return ending != null;
  }

  /** Both connections are closed. */
  void end() {
    state = State.ENDED;
    deadline.remove();
    intake.release();
    TunnelPlan begun = plan;
    if (begun == null) {
      return; // it never began
    }
    conclude(Ending.COMPLETED, null);
    durationNanos = System.nanoTime() - startNanos;
    if (connecting != null) {
      connecting.connectionEnded(ending == Ending.CANCELLED, error);
    }
    AccessLog log = begun.accessLog();
    if (log != null) {
      log.log(this);
    }
    owner.ended(this);
  }

  /** The process ends: closes both sides as they stand. */
  public void abort() {
    conclude(Ending.SHUTDOWN, null);
    if (relay != null) {
      relay.close();
    } else if (client != null) {
      client.close();
    }
  }

  private void onDeadline() {
    switch (state) {
      case HELLO -> {
        conclude(Ending.FAILED, ErrorKind.REQUEST_TIMEOUT);
        abort();
      }
      case CONNECTING -> {
        if (connecting != null) {
          connecting.backedOff();
        }
      }
      case RELAYING -> {
        if (relay != null) {
          relay.onDeadline();
        }
      }
      case ENDED -> {
        // the connections are closing
      }
    }
  }

  Deadline deadline() {
    return deadline;
  }

  // ---- what it was ----

  @Override
  public String id() {
    String made = id;
    if (made == null) {
      made = HexFormat.of().toHexDigits(IDS.getAndAdd(GOLDEN));
      id = made;
    }
    return made;
  }

  @Override
  public SocketAddress client() {
    return ends.client();
  }

  @Override
  public String clientIp() {
    return ends.clientIp();
  }

  @Override
  public SocketAddress peer() {
    return ends.peer();
  }

  @Override
  public String listener() {
    return plan().listener();
  }

  @Override
  public @Nullable String upstream() {
    return connecting == null ? null : connecting.upstream().name();
  }

  @Override
  public @Nullable Endpoint endpoint() {
    return connecting == null ? null : connecting.endpoint();
  }

  @Override
  public @Nullable String serverName() {
    return serverName;
  }

  @Override
  public Ending ending() {
    return ending == null ? Ending.COMPLETED : ending;
  }

  @Override
  public @Nullable ErrorKind error() {
    return error;
  }

  @Override
  public long durationNanos() {
    return durationNanos;
  }

  @Override
  public long receivedBytes() {
    return relay == null ? 0 : relay.receivedBytes();
  }

  @Override
  public long sentBytes() {
    return relay == null ? 0 : relay.sentBytes();
  }

  @Override
  public int attempts() {
    return connecting == null ? 0 : connecting.made();
  }
}
