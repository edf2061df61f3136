package io.sluice.core.transport.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
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
  private final @Nullable Staple staple;

  /**
   * A credential.
   *
   * @param staple what is known of its revocation, or null
   */
  ServerCredential(SslContext context, @Nullable Staple staple) {
    this.context = context;
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
      byte[] response = staple == null ? null : staple.response();
      if (response != null && engine instanceof ReferenceCountedOpenSslEngine boring) {
        boring.setOcspResponse(response);
      }
      SslHandler handler = new SslHandler(engine);
      handler.setHandshakeTimeoutMillis(0); // the listener's own deadline
      return handler;
    } finally {
      ReferenceCountUtil.release(context);
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
