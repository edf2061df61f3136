package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.sluice.core.exchange.Generation;
import io.sluice.core.listener.ListenerMeters.Handshake;
import io.sluice.core.transport.ConnectionEnds;
import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.transport.tls.Admission;
import io.sluice.core.transport.tls.ClientTerms;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection from its beginning to the end of its TLS handshake; then the connection of the
 * protocol that ALPN chose takes its place. Counts how it ended; says why in the debug log only,
 * for anyone can make handshakes fail.
 */
final class TlsHandshake extends ChannelInboundHandlerAdapter implements ListenerConnection {

  private static final Logger log = LoggerFactory.getLogger(TlsHandshake.class);

  /** How long octets are still read after the refusal of plain HTTP, so that it is not lost. */
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final byte[] PLAINTEXT_REFUSED =
      ("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n"
              + "Content-Length: 45\r\n\r\nThis port speaks HTTPS; this was plain HTTP.\n")
          .getBytes(StandardCharsets.US_ASCII);

  /** A fatal alert in a record of its own (RFC 8446 §5.1, §6). */
  private static final byte[] NO_APPLICATION_PROTOCOL = {21, 3, 3, 0, 2, 2, 120};

  private enum State {
    /** Under way. */
    HANDSHAKE,
    /** It failed, or is all there will be; what still comes is dropped until the close. */
    REFUSED,
    /** Over: another connection has its place, or it is closed. */
    OVER
  }

  private final ListenerSocket socket;
  private final LoopContext loop;
  private final ListenerConfig config;
  private final ConnectionEnds ends;
  private final Deadline deadline;
  private State state = State.HANDSHAKE;
  private @Nullable ChannelHandlerContext context;
  private @Nullable SslHandler tls;
  private boolean validation;
  private @Nullable String serverName;
  private @Nullable ClientTerms terms;
  private @Nullable Generation held;

  TlsHandshake(
      ListenerSocket socket, LoopContext loop, ListenerConfig config, ConnectionEnds ends) {
    this.ends = ends;
    this.socket = socket;
    this.loop = loop;
    this.config = config;
    this.deadline = new Deadline(loop.deadlines(), this::onDeadline);
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    context = active;
    socket.opened(this, loop);
    deadline.after(config.timeouts().handshake().toNanos());
    active.read();
  }

  private void onDeadline() {
    if (state == State.HANDSHAKE) {
      end(Handshake.TIMEOUT, "not done in time");
    }
    abort();
  }

  private void end(Handshake result, String reason) {
    state = State.REFUSED;
    socket.meters().handshakeEnded(result);
    ChannelHandlerContext at = context;
    if (log.isDebugEnabled() && at != null) {
      log.debug(
          "listener {}: TLS handshake with {}: {}",
          socket.name(),
          at.channel().remoteAddress(),
          reason);
    }
  }

  /**
   * The client's hello is whole and a certificate is chosen.
   *
   * @param on what the client is held to
   */
  void onHello(SslHandler handler, @Nullable String name, ClientTerms on) {
    tls = handler;
    serverName = name;
    terms = on;
  }

  /** An authority validates a name: its handshake is all that it wants (RFC 8737 §3). */
  void onValidation(SslHandler handler) {
    tls = handler;
    validation = true;
  }

  /** Whether HTTP is spoken under the TLS. */
  boolean isHttp() {
    return config.protocol() == ListenerConfig.Protocol.HTTP;
  }

  /** Nothing can be answered. */
  void onRefused(String reason) {
    end(Handshake.FAILURE, reason);
    abort();
  }

  /** The client offers only protocols that are not spoken here: it is told so (RFC 7301 §3.2). */
  void onNoProtocol() {
    end(Handshake.FAILURE, "no application protocol in common");
    sayAndClose(NO_APPLICATION_PROTOCOL);
  }

  /** The client speaks HTTP without TLS: it is told so, as nginx does. */
  void onPlaintext() {
    end(Handshake.PLAINTEXT, "plain HTTP");
    sayAndClose(PLAINTEXT_REFUSED);
  }

  private void sayAndClose(byte[] last) {
    ChannelHandlerContext to = context;
    if (to == null) {
      return;
    }
    deadline.after(LINGER_NANOS);
    ByteBuf refusal = to.alloc().buffer(last.length).writeBytes(last);
    if (to.channel() instanceof DuplexChannel duplex) {
      to.channel().writeAndFlush(refusal).addListener(sent -> duplex.shutdownOutput());
    } else {
      to.channel().writeAndFlush(refusal).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      abort();
    } else if (event instanceof SslHandshakeCompletionEvent completion
        && state == State.HANDSHAKE) {
      SslHandler handler = tls;
      if (completion.isSuccess() && handler != null) {
        succeeded(from, handler);
      } else if (from.channel().isActive()) {
        end(Handshake.FAILURE, String.valueOf(completion.cause()));
      }
    }
  }

  private void succeeded(ChannelHandlerContext from, SslHandler handler) {
    Admission admission = terms == null ? null : terms.admit(handler.engine());
    if (!validation && admission == null) {
      end(Handshake.FAILURE, "a session of a certificate that has expired");
      abort();
      return;
    }
    socket.meters().handshakeEnded(Handshake.SUCCESS);
    if (validation || admission == null) {
      state = State.REFUSED;
      from.close(); // with a close_notify
      return;
    }
    state = State.OVER;
    deadline.remove();
    if (isHttp()) {
      beginHttp(from, new DownstreamTls(handler, admission));
    } else {
      TcpConnection.begin(socket, from.channel(), loop, ends, this, serverName);
    }
    from.pipeline().remove(this);
    letGo();
  }

  private void beginHttp(ChannelHandlerContext from, DownstreamTls done) {
    ClientSide client = new ClientSide(socket, loop, config, ends, done);
    boolean only = config.http2() == ListenerConfig.Http2.ONLY; // ALPN may be missing then
    if (only || "h2".equals(done.handler().applicationProtocol())) {
      Http2ClientConnection connection = Http2ClientConnection.of(client);
      socket.replaced(this, connection, loop);
      connection.begin(from.pipeline());
    } else { // HTTP/1.1 where the client did not ask
      HttpConnection connection = new HttpConnection(client);
      from.pipeline().addLast(connection);
      socket.replaced(this, connection, loop);
      connection.begin(from.pipeline().lastContext());
    }
  }

  private void letGo() {
    if (held != null) {
      held.unpin(loop);
      held = null;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    ReferenceCountUtil.release(message); // no content belongs to a handshake
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    if (state != State.OVER) {
      from.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) {
    if (state == State.HANDSHAKE) {
      end(Handshake.ABANDONED, "the client left");
    }
    if (state != State.OVER) {
      state = State.OVER;
      deadline.remove();
      socket.ended(this, loop);
      letGo();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext where, Throwable cause) {
    if (state == State.HANDSHAKE) {
      end(Handshake.FAILURE, String.valueOf(cause));
    }
    where.close();
  }

  @Override
  public void drain() {
    // It ends with its handshake or its deadline; the connection that comes of it is drained then,
    // and served by what its listener was.
    Generation last = socket.last();
    if (last != null && held == null && state == State.HANDSHAKE) {
      held = last;
      last.pin(loop);
    }
  }

  @Override
  public void shutDown() {
    abort();
  }

  private void abort() {
    ChannelHandlerContext open = context;
    if (open != null) {
      open.channel().close();
    }
  }
}
