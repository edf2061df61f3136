package io.sluice.core.transport.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Makes certificates of one listener ready to serve, as its configuration wants it. Immutable.
 *
 * @param applicationProtocols what ALPN may choose from, best first
 */
record ServerContexts(
    ServerTlsConfig config, List<String> applicationProtocols, TlsProvider provider) {

  private static final long CACHED_SESSIONS = 20_480;
  private static final Duration MAX_SESSION = Duration.ofDays(1);

  /**
   * A credential, which its receiver gives up.
   *
   * @param clients verifies theirs, or null where nobody is asked
   * @param tickets of sessions, or null for none
   */
  ServerCredential credential(
      KeyedCertificate certificate, @Nullable Verifier clients, @Nullable TicketKeys tickets)
      throws SSLException {
    Staple staple = provider.staples() ? Staple.of(certificate) : null;
    SslContextBuilder builder =
        Presented.forServer(certificate, provider)
            .sslProvider(provider.netty())
            .protocols(config.minVersion().upwards())
            .ciphers(CipherSuite.offer(config.ciphers()), SupportedCipherSuiteFilter.INSTANCE)
            .sessionCacheSize(CACHED_SESSIONS)
            .sessionTimeout(sessionSeconds())
            .enableOcsp(staple != null)
            .clientAuth(config.clients().netty())
            .applicationProtocolConfig(alpn(applicationProtocols));
    if (clients != null) {
      builder.trustManager(clients);
    }
    SslContext context = builder.build();
    if (context.sessionContext() instanceof OpenSslSessionContext session) {
      session.setSessionCacheEnabled(tickets != null);
      if (tickets != null) {
        session.setTicketKeys(tickets.keys());
      }
    }
    return new ServerCredential(context, tickets != null, staple);
  }

  private static ApplicationProtocolConfig alpn(List<String> protocols) {
    return protocols.isEmpty()
        ? ApplicationProtocolConfig.DISABLED
        : new ApplicationProtocolConfig(
            ApplicationProtocolConfig.Protocol.ALPN,
            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
            protocols);
  }

  private long sessionSeconds() {
    Duration rotation = config.ticketRotation();
    return rotation == null || rotation.compareTo(MAX_SESSION) > 0
        ? MAX_SESSION.toSeconds()
        : rotation.toSeconds();
  }

  /** A handler that shows the certificate of a challenge, good for one handshake. */
  SslHandler challengeHandler(KeyedCertificate challenge, ByteBufAllocator allocator)
      throws SSLException {
    SslContext context =
        SslContextBuilder.forServer(challenge.key(), challenge.chain())
            .sslProvider(provider.netty())
            .protocols(TlsVersion.TLS_1_2.upwards())
            .applicationProtocolConfig(alpn(List.of(AcmeChallenges.PROTOCOL)))
            .build();
    try {
      SslHandler handler = new SslHandler(context.newEngine(allocator));
      handler.setHandshakeTimeoutMillis(0); // the listener's own deadline
      return handler;
    } finally {
      ReferenceCountUtil.release(context); // the engine keeps what it needs
    }
  }
}
