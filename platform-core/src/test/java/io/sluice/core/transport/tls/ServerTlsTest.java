package io.sluice.core.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whole handshakes in memory, with clients of the JDK's TLS and time in our hands. */
class ServerTlsTest {

  private static final Duration TURN = Duration.ofHours(12);

  private final X509Bundle certificate = certificate();
  private final ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
  private final Ready source = new Ready();
  private long now = 7;
  private ServerTls tls;

  private static X509Bundle certificate() {
    try {
      return new CertificateBuilder()
          .ecp256()
          .subject("CN=a.example.com")
          .addSanDnsName("a.example.com")
          .setIsCertificateAuthority(true)
          .buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private final class Ready implements CertificateSource {
    private Listener listener;
    private List<KeyedCertificate> atHand = List.of();

    @Override
    public List<KeyedCertificate> atHand() {
      return atHand;
    }

    @Override
    public void start(Listener to) {
      listener = to;
      push();
    }

    void push() {
      listener.onCertificates(
          List.of(
              new KeyedCertificate(
                  certificate.getCertificatePathList(),
                  certificate.getKeyPair().getPrivate(),
                  List.of(),
                  null)));
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void start() {
    ServerTlsConfig config =
        new ServerTlsConfig(
            List.of(),
            ServerTlsConfig.Clients.NONE,
            null,
            TlsVersion.TLS_1_2,
            CipherSuite.defaults(),
            TURN,
            List.of(),
            ConfigSection.OFF);
    tls =
        new ServerTls(
            new ServerTls.Setting(
                "web",
                config,
                List.of(),
                TlsProvider.AUTO,
                AcmeChallenges.NONE,
                Clock.systemUTC(),
                () -> now,
                control,
                Runnable::run),
            List.of(source),
            null);
    tls.start();
  }

  @AfterEach
  void stop() {
    tls.close();
    control.shutdownNow();
  }

  private SSLContext client() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {certificate.toTrustManager()}, null);
    return context;
  }

  /** Shakes hands; answers whether the client came back by its ticket. */
  private boolean resumes(SSLContext client) {
    SSLEngine engine = client.createSSLEngine("a.example.com", 443);
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(new String[] {"TLSv1.2"}); // keeps one session object
    SslHandler handler = new SslHandler(engine);
    EmbeddedChannel server =
        new EmbeddedChannel(tls.newHandler(ByteBufAllocator.DEFAULT, "a.example.com"));
    EmbeddedChannel channel = new EmbeddedChannel(handler);
    try {
      settle(channel, server);
      assertThat(handler.handshakeFuture().isSuccess()).isTrue();
      boolean known = engine.getSession().getValue("known") != null;
      engine.getSession().putValue("known", "yes");
      channel.close(); // with a close_notify, or the session were void
      settle(channel, server);
      return known;
    } finally {
      channel.finishAndReleaseAll();
      server.finishAndReleaseAll();
    }
  }

  private static void settle(EmbeddedChannel one, EmbeddedChannel other) {
    boolean any = true;
    while (any) {
      any = carry(one, other);
      any |= carry(other, one);
    }
  }

  private static boolean carry(EmbeddedChannel from, EmbeddedChannel to) {
    boolean any = false;
    for (Object octets = from.readOutbound(); octets != null; octets = from.readOutbound()) {
      any = true;
      if (to.isOpen()) {
        to.writeInbound(octets);
      } else {
        ReferenceCountUtil.release(octets);
      }
    }
    return any;
  }

  private void turn() {
    now += TURN.toNanos();
    tls.keepFresh();
  }

  @Test
  void aTicketOpensForOneMoreTurnAfterItsKeySealedTheLast() throws Exception {
    SSLContext early = client();
    SSLContext late = client();
    SSLContext gone = client();
    for (SSLContext each : List.of(early, late, gone)) {
      assertThat(resumes(each)).isFalse();
    }
    assertThat(resumes(early)).isTrue();
    now += TURN.toNanos() - 1;
    tls.keepFresh();
    assertThat(resumes(early)).as("the same key").isTrue();
    now += 1;
    tls.keepFresh();
    assertThat(resumes(late)).as("the key before").isTrue();
    turn();
    assertThat(resumes(late)).as("sealed anew when it came").isTrue();
    assertThat(resumes(gone)).as("a key that is no more").isFalse();
    assertThat(resumes(gone)).isTrue();
  }

  @Test
  void aRenewedCertificateLeavesTicketsGood() throws Exception {
    SSLContext client = client();
    assertThat(resumes(client)).isFalse();
    source.push();
    assertThat(resumes(client)).isTrue();
  }

  @Test
  void aCertificateThatNoHandshakeCouldPresentDoesNotReplaceTheOneThatServes() throws Exception {
    X509Bundle unfit =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=a.example.com")
            .publicKey(KeyPairGenerator.getInstance("DSA").generateKeyPair().getPublic())
            .buildIssuedBy(certificate);
    SSLContext client = client();
    assertThat(resumes(client)).isFalse();
    source.listener.onCertificates(
        List.of(
            new KeyedCertificate(
                List.of(unfit.getCertificate()),
                certificate.getKeyPair().getPrivate(),
                List.of(),
                null)));
    assertThat(resumes(client)).isTrue();
  }

  @Test
  void aCheckTellsWhatCouldNotServe() {
    PrivateKey key = certificate.getKeyPair().getPrivate();
    KeyedCertificate good =
        new KeyedCertificate(certificate.getCertificatePathList(), key, List.of(), null);
    KeyedCertificate bad = new KeyedCertificate(List.of(), key, List.of(), null);
    assertThat(tls.inspect()).isEmpty();
    source.atHand = List.of(good);
    assertThat(tls.inspect()).isEmpty();
    source.atHand = List.of(good, bad);
    assertThat(tls.inspect())
        .singleElement()
        .asString()
        .isEqualTo(
            "listeners.web.tls.certificates[0]: a certificate cannot serve: there is no certificate");
  }

  @Test
  void whatIsClosedHasNoHandlersAndNothingToKeepFresh() {
    tls.close();
    tls.keepFresh(); // a task that was under way when all ended
    assertThat(tls.newHandler(ByteBufAllocator.DEFAULT, null)).isNull();
  }
}
