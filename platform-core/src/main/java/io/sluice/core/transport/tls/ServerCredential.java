package io.sluice.core.transport.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * One certificate ready to serve. Engines keep the library's context alive on their own, so that a
 * credential may be given up while its connections last.
 */
final class ServerCredential {

  private final SslContext context;
  private final boolean resumable;
  private final @Nullable Staple staple;

  /**
   * A credential.
   *
   * @param resumable whether clients get tickets, to come back more cheaply
   * @param staple what is known of its revocation, or null
   */
  ServerCredential(SslContext context, boolean resumable, @Nullable Staple staple) {
    this.context = context;
    this.resumable = resumable;
    this.staple = staple;
  }

  /** A handler for one connection, or null when the credential was given up meanwhile. */
  @Nullable SslHandler newHandler(ByteBufAllocator allocator) {
    try {
      ReferenceCountUtil.retain(context);
    } catch (IllegalReferenceCountException e) {
      return null; // replaced between the look at the set and now
    }
    try {
      SSLEngine engine = context.newEngine(allocator);
      if (engine instanceof ReferenceCountedOpenSslEngine boring) {
        prepare(boring);
      }
      SslHandler handler = new SslHandler(engine);
      handler.setHandshakeTimeoutMillis(0); // the listener's own deadline
      return handler;
    } finally {
      ReferenceCountUtil.release(context);
    }
  }

  private void prepare(ReferenceCountedOpenSslEngine engine) {
    if (!resumable) { // Netty turns tickets on for each engine that may speak TLS 1.3
      SSL.setOptions(engine.sslPointer(), SSL.SSL_OP_NO_TICKET);
    }
    byte[] response = staple == null ? null : staple.response();
    if (response != null) {
      engine.setOcspResponse(response);
    }
  }

  /** What is known of its revocation, or null. */
  @Nullable Staple staple() {
    return staple;
  }

  void seal(TicketKeys keys) {
    if (context.sessionContext() instanceof OpenSslSessionContext session) {
      session.setTicketKeys(keys.keys());
    }
  }

  void giveUp() {
    ReferenceCountUtil.release(context);
  }
}
