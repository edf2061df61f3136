package io.sluice.core.listener;

import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * The TLS under a connection whose handshake is done.
 *
 * @param clientCertificate of the client, verified; null when it showed none
 */
record DownstreamTls(SslHandler handler, @Nullable X509Certificate clientCertificate) {

  static DownstreamTls of(SslHandler handler) {
    return new DownstreamTls(handler, clientCertificate(handler));
  }

  private static @Nullable X509Certificate clientCertificate(SslHandler handler) {
    if (!handler.engine().getNeedClientAuth() && !handler.engine().getWantClientAuth()) {
      return null;
    }
    try {
      Certificate[] chain = handler.engine().getSession().getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate leaf ? leaf : null;
    } catch (SSLPeerUnverifiedException e) {
      return null; // asked, and not required to
    }
  }
}
