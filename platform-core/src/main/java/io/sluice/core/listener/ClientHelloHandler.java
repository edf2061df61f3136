package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import io.sluice.core.transport.tls.AcmeChallenges;
import io.sluice.core.transport.tls.ClientTerms;
import io.sluice.core.transport.tls.ServerTls;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a whole ClientHello and gives way to the TLS of the certificate for its server name.
 * What begins like an HTTP request instead is handed to {@link TlsHandshake} to refuse.
 */
final class ClientHelloHandler extends AbstractSniHandler<SslHandler> {

  /** More than any client sends, post-quantum key shares and padding included. */
  private static final int MAX_HELLO_BYTES = 32 * 1024;

  private final ListenerSocket socket;
  private final TlsHandshake handshake;
  private ServerTls tls;
  private ClientTerms terms;
  private boolean looked;
  private boolean over;
  private boolean validation;

  /**
   * A handler.
   *
   * @param tls that the connection was accepted with
   */
  ClientHelloHandler(ListenerSocket socket, ServerTls tls, TlsHandshake handshake) {
    super(MAX_HELLO_BYTES, 0);
    this.socket = socket;
    this.tls = tls;
    this.terms = tls.terms();
    this.handshake = handshake;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (!looked && in.isReadable()) {
      looked = true;
      int first = in.getUnsignedByte(in.readerIndex());
      if (handshake.isHttp()
          && first >= 'A'
          && first <= 'Z') { // the first octet of a TLS record is 20 to 24
        over = true;
        handshake.onPlaintext();
      }
    }
    if (over) {
      in.skipBytes(in.readableBytes());
    } else {
      super.decode(context, in, out);
    }
  }

  @Override
  protected Future<SslHandler> lookup(ChannelHandlerContext context, @Nullable ByteBuf hello)
      throws Exception {
    ServerTls now = socket.tls();
    if (now != null) {
      tls = now; // the one that was accepted with may be closed, where a reload came in between
    }
    validation = hello != null && tls.answersChallenges() && AcmeChallenges.isValidation(hello);
    if (!validation && hello != null && !tls.speaksWith(hello)) {
      over = true;
      return context.executor().newFailedFuture(new NoProtocol());
    }
    return super.lookup(context, hello);
  }

  @Override
  protected Future<SslHandler> lookup(ChannelHandlerContext context, @Nullable String serverName) {
    KeyedCertificate challenge =
        validation && serverName != null ? tls.challenge(serverName) : null;
    validation = challenge != null;
    if (challenge != null) {
      return tls.newChallengeHandler(challenge, context.alloc(), context.executor());
    }
    terms = tls.terms();
    SslHandler handler = tls.newHandler(context.alloc(), serverName);
    return handler == null
        ? context.executor().newFailedFuture(new NoCertificate())
        : context.executor().newSucceededFuture(handler);
  }

  @Override
  protected void onLookupComplete(
      ChannelHandlerContext context, @Nullable String serverName, Future<SslHandler> found) {
    if (over) {
      handshake.onNoProtocol();
      return;
    }
    if (!found.isSuccess()) {
      handshake.onRefused(String.valueOf(found.cause().getMessage()));
      return;
    }
    SslHandler handler = found.getNow();
    if (context.isRemoved()) {
      ReferenceCountUtil.release(handler.engine());
      return;
    }
    if (validation) {
      handshake.onValidation(handler);
    } else {
      handshake.onHello(handler, serverName, terms);
    }
    context.pipeline().replace(this, "tls", handler);
  }

  private static final class NoProtocol extends Exception {
    NoProtocol() {
      super("no application protocol in common", null, false, false);
    }
  }

  private static final class NoCertificate extends Exception {
    NoCertificate() {
      super("no certificate yet", null, false, false);
    }
  }
}
