package io.sluice.core.transport.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS of one upstream: whom it trusts, who it is, and the sessions it may take up again. Event
 * loops ask it for handlers. When the files behind it change, {@link #settings} changes too, and no
 * connection that was made before is used for another request.
 *
 * <p>Started and closed by the upstream. Thread-safe.
 */
public final class ClientTls implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ClientTls.class);
  private static final String HTTP1 = "http/1.1";
  private static final long CACHED_SESSIONS = 1024;
  private static final long SESSION_SECONDS = TimeUnit.HOURS.toSeconds(1);

  private final Setting setting;
  private final @Nullable CertificateSource source;
  private @Nullable TrustFile authority;
  private @Nullable KeyedCertificate identity;
  private @Nullable String failing;
  private @Nullable Future<?> watch;
  private boolean closed;
  private volatile @Nullable SslContext context;

  /** As {@link #context}, but it offers HTTP/1.1 alone; null where that makes no difference. */
  private volatile @Nullable SslContext http1Context;

  /**
   * What it needs.
   *
   * @param name the upstream's, for the log
   * @param control says when to look again
   * @param blocking where files are read
   * @param protocols what to offer by ALPN (RFC 7301), the best first; none: no ALPN
   */
  public record Setting(
      String name,
      ClientTlsConfig config,
      TlsProvider provider,
      ScheduledExecutorService control,
      Executor blocking,
      List<String> protocols) {}

  /**
   * The TLS of an upstream. Reads a file.
   *
   * @param source of the client certificate, closed by its owner; null for none
   */
  public ClientTls(Setting setting, @Nullable CertificateSource source) {
    this.setting = setting;
    this.source = source;
    Path file = setting.config().authority();
    this.authority = file == null ? null : TrustFile.read(file);
    if (!setting.config().verify()) {
      log.warn(
          "upstream {}: tls.verify = off trusts whoever answers, those on the way included;"
              + " for trials only",
          setting.name());
    }
  }

  /**
   * Starts the source and the watch over the files. Settings that the library refuses are logged;
   * connections then fail.
   */
  public void start() {
    CertificateSource identifies = source;
    if (identifies != null) {
      identifies.start(new Pushed());
    }
    synchronized (this) {
      String problem = rebuild();
      if (problem != null) {
        report(problem);
      }
      if (!setting.config().reload().equals(ConfigSection.OFF) && !closed) {
        long nanos = setting.config().reload().toNanos();
        watch =
            setting
                .control()
                .scheduleWithFixedDelay(
                    () -> setting.blocking().execute(this::refresh),
                    nanos,
                    nanos,
                    TimeUnit.NANOSECONDS);
      }
    }
  }

  /** Looks at the source and the file of authorities again. Reads a file. */
  public void refresh() {
    CertificateSource identifies = source;
    if (identifies != null) {
      identifies.refresh();
    }
    Path file = setting.config().authority();
    if (file == null) {
      return;
    }
    try {
      TrustFile now = TrustFile.read(file);
      synchronized (this) {
        if (authority == null || !authority.sameAs(now)) {
          authority = now;
          report(rebuild());
        }
      }
    } catch (IllegalArgumentException e) {
      report("ca kept as it was: " + e.getMessage());
    }
  }

  private final class Pushed implements CertificateSource.Listener {
    @Override
    public void onCertificates(List<KeyedCertificate> certificates) {
      synchronized (ClientTls.this) {
        KeyedCertificate before = identity;
        identity = certificates.isEmpty() ? null : certificates.get(0);
        if (context == null) {
          return; // start() is about to build
        }
        String problem = rebuild();
        if (problem != null) {
          identity = before;
        }
        report(problem);
      }
    }

    @Override
    public void onError(String problem, @Nullable Throwable cause) {
      report("client certificate kept as it was: " + problem);
    }
  }

  private synchronized void report(@Nullable String problem) {
    if (problem == null) {
      failing = null;
      log.info("upstream {}: TLS settings read again", setting.name());
    } else if (!problem.equals(failing)) {
      failing = problem;
      log.warn("upstream {}: {}", setting.name(), problem);
    }
  }

  /** Makes the library's context anew; answers why it could not. */
  private @Nullable String rebuild() {
    if (closed) {
      return null;
    }
    SslContext before = context;
    SslContext http1Before = http1Context;
    List<String> protocols = setting.protocols();
    try {
      SslContext built = build(protocols);
      if (protocols.size() > 1 && protocols.contains(HTTP1)) {
        http1Context = build(List.of(HTTP1));
      }
      context = built;
    } catch (SSLException | RuntimeException e) {
      return "TLS cannot be spoken with these settings: " + TlsFailures.reason(e);
    }
    ReferenceCountUtil.release(before);
    ReferenceCountUtil.release(http1Before);
    return null;
  }

  private SslContext build(List<String> protocols) throws SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(setting.provider().netty())
            .protocols(TlsVersion.TLS_1_2.upwards())
            .ciphers(CipherSuite.offer(CipherSuite.defaults()), SupportedCipherSuiteFilter.INSTANCE)
            .sessionCacheSize(CACHED_SESSIONS)
            .sessionTimeout(SESSION_SECONDS);
    if (!protocols.isEmpty()) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              ApplicationProtocolConfig.Protocol.ALPN,
              ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
              ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
              protocols));
    }
    if (!setting.config().verify()) {
      builder
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .endpointIdentificationAlgorithm(null);
    } else {
      builder.endpointIdentificationAlgorithm("HTTPS").trustManager(Verifier.by(authority));
    }
    if (identity != null) {
      Presented.forClient(builder, identity, setting.provider());
    }
    SslContext built = builder.build();
    if (built.sessionContext() instanceof OpenSslSessionContext sessions) {
      sessions.setSessionCacheEnabled(true);
    }
    return built;
  }

  /**
   * What connections are made with now, compared by identity: another object after a change. Null
   * before {@link #start}.
   */
  public @Nullable Object settings() {
    return context;
  }

  /**
   * A handler for a new connection; null where the settings cannot be used.
   *
   * @param host of the endpoint's address; sent as the server name unless it is an address literal
   * @param handshakeMillis how long the handshake may take
   * @param onlyHttp1 whether nothing but HTTP/1.1 is offered, where more could be
   */
  public @Nullable SslHandler newHandler(
      ByteBufAllocator allocator, String host, int port, long handshakeMillis, boolean onlyHttp1) {
    String name = setting.config().serverName();
    while (true) {
      SslContext now = context(onlyHttp1);
      if (now == null) {
        return null;
      }
      try {
        ReferenceCountUtil.retain(now);
      } catch (IllegalReferenceCountException e) {
        if (now == context(onlyHttp1)) {
          return null; // closed
        }
        continue; // replaced between the look at it and now
      }
      try {
        SslHandler handler =
            new SslHandler(now.newEngine(allocator, name == null ? host : name, port));
        handler.setHandshakeTimeoutMillis(handshakeMillis);
        return handler;
      } finally {
        ReferenceCountUtil.release(now);
      }
    }
  }

  private @Nullable SslContext context(boolean onlyHttp1) {
    SslContext http1 = onlyHttp1 ? http1Context : null;
    return http1 == null ? context : http1;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (watch != null) {
      watch.cancel(false);
    }
    ReferenceCountUtil.release(context);
    ReferenceCountUtil.release(http1Context);
  }
}
