package io.sluice.core.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole handshakes in memory, each with the JDK's TLS on the other side. */
class PresentedTest {

  private static final X509Bundle AUTHORITY = Issued.authority("CN=Authority");

  private static KeyedCertificate certificate(KeyPair pair) throws Exception {
    X509Certificate made =
        new CertificateBuilder()
            .publicKey(pair.getPublic())
            .subject("CN=a.example.com")
            .addSanDnsName("a.example.com")
            .buildIssuedBy(AUTHORITY)
            .getCertificate();
    return new KeyedCertificate(
        List.of(made, AUTHORITY.getCertificate()), pair.getPrivate(), List.of(), null);
  }

  private static KeyPair pair(String kind) throws Exception {
    if (kind.equals("secp256k1")) {
      return new KeyPair(secp256k1(), AUTHORITY.getKeyPair().getPrivate());
    }
    String[] parts = kind.split(" ");
    KeyPairGenerator generator = KeyPairGenerator.getInstance(parts[0]);
    if (parts.length > 1) {
      generator.initialize(Integer.parseInt(parts[1]));
    }
    return generator.generateKeyPair();
  }

  /** Made by OpenSSL, since JDKs of today make none. */
  private static PublicKey secp256k1() throws Exception {
    return KeyFactory.getInstance("EC")
        .generatePublic(
            new X509EncodedKeySpec(
                Base64.getDecoder()
                    .decode(
                        "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE/mVPqIeshoXEaGNC9CAfT30w7oOspKnc"
                            + "5RpgtzpjBqbWSvz6O9K6AUcsOgoYGwRvuYf562Nu7GjrzcxaXjk1sg==")));
  }

  private static ServerContexts contexts(TlsProvider provider) {
    ServerTlsConfig config =
        new ServerTlsConfig(
            List.of(),
            ServerTlsConfig.Clients.NONE,
            null,
            TlsVersion.TLS_1_2,
            CipherSuite.defaults(),
            null,
            List.of(),
            ConfigSection.OFF);
    return new ServerContexts(config, List.of(), provider);
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

  private static void shake(SslHandler client, SslHandler server) {
    EmbeddedChannel there = new EmbeddedChannel(server);
    EmbeddedChannel here = new EmbeddedChannel(client);
    try {
      settle(here, there);
    } finally {
      here.finishAndReleaseAll();
      there.finishAndReleaseAll();
    }
  }

  private static void only(SSLEngine engine, String version) {
    engine.setEnabledProtocols(new String[] {version});
  }

  @ParameterizedTest
  @ValueSource(strings = {"EC 256", "EC 384", "EC 521", "RSA 2048", "Ed25519"})
  void aListenerPresentsTheKeysOfEveryKindThatIsServed(String kind) throws Exception {
    for (TlsProvider provider : List.of(TlsProvider.AUTO, TlsProvider.JDK)) {
      ServerCredential credential =
          contexts(provider).credential(certificate(pair(kind)), null, null);
      for (String version : List.of("TLSv1.3", "TLSv1.2")) {
        SSLEngine engine =
            SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(AUTHORITY.getCertificate())
                .build()
                .newEngine(ByteBufAllocator.DEFAULT, "a.example.com", 443);
        only(engine, version);
        SslHandler client = new SslHandler(engine);
        SslHandler server = credential.newHandler(ByteBufAllocator.DEFAULT);
        shake(client, server);
        assertThat(client.handshakeFuture().isSuccess())
            .as("%s %s: %s", provider, version, client.handshakeFuture().cause())
            .isTrue();
        assertThat(engine.getSession().getProtocol()).isEqualTo(version);
      }
      credential.giveUp();
    }
  }

  private static final class AtHand implements CertificateSource {
    private final KeyedCertificate certificate;
    private Listener listener;

    AtHand(KeyedCertificate certificate) {
      this.certificate = certificate;
    }

    @Override
    public void start(Listener to) {
      listener = to;
      to.onCertificates(List.of(certificate));
    }

    @Override
    public void close() {}
  }

  private static ClientTls clientTls(
      CertificateSource source, ScheduledExecutorService control, TlsProvider provider) {
    ClientTlsConfig config =
        new ClientTlsConfig("a.example.com", null, false, null, ConfigSection.OFF);
    return new ClientTls(
        new ClientTls.Setting("app", config, provider, control, Runnable::run, List.of()), source);
  }

  @ParameterizedTest
  @ValueSource(strings = {"EC 256", "EC 384", "EC 521", "RSA 2048", "Ed25519"})
  void anUpstreamPresentsTheKeysOfEveryKindThatIsServed(String kind) throws Exception {
    KeyedCertificate identity = certificate(pair(kind));
    KeyedCertificate server = certificate(pair("EC 256"));
    ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
    try {
      for (TlsProvider provider : List.of(TlsProvider.AUTO, TlsProvider.JDK)) {
        try (ClientTls tls = clientTls(new AtHand(identity), control, provider)) {
          tls.start();
          for (String version : List.of("TLSv1.3", "TLSv1.2")) {
            SSLEngine engine =
                SslContextBuilder.forServer(server.key(), server.chain())
                    .sslProvider(SslProvider.JDK)
                    .trustManager(AUTHORITY.getCertificate())
                    .build()
                    .newEngine(ByteBufAllocator.DEFAULT);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setNeedClientAuth(true);
            parameters.setProtocols(new String[] {version});
            engine.setSSLParameters(parameters);
            SslHandler there = new SslHandler(engine);
            SslHandler here =
                tls.newHandler(ByteBufAllocator.DEFAULT, "a.example.com", 443, 5000, false);
            shake(here, there);
            assertThat(there.handshakeFuture().isSuccess())
                .as("%s %s: %s", provider, version, there.handshakeFuture().cause())
                .isTrue();
            assertThat(engine.getSession().getPeerCertificates()[0])
                .isEqualTo(identity.chain().get(0));
          }
        }
      }
    } finally {
      control.shutdownNow();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BORINGSSL, Ed448, 'is of Ed448, which BoringSSL cannot sign with'",
    "BORINGSSL, RSASSA-PSS, 'is of RSASSA-PSS, which BoringSSL cannot sign with'",
    "BORINGSSL, DSA, 'is of DSA, which BoringSSL cannot sign with'",
    "BORINGSSL, RSA 512, is of RSA with only 512 bits",
    "BORINGSSL, secp256k1, is of EC on a curve that TLS has no signatures for",
    "JDK, DSA, 'is of DSA, which TLS cannot sign with'",
    "JDK, secp256k1, is of EC on a curve that TLS has no signatures for"
  })
  void whatNoHandshakeCouldPresentDoesNotServe(TlsProvider provider, String kind, String problem)
      throws Exception {
    KeyedCertificate certificate = certificate(pair(kind));
    assertThatThrownBy(() -> contexts(provider).credential(certificate, null, null))
        .isInstanceOf(SSLException.class)
        .hasMessage("the key of CN=a.example.com " + problem);
  }

  @ParameterizedTest
  @CsvSource({"BORINGSSL, Ed448", "JDK, DSA"})
  void anUpstreamKeepsItsIdentityWhereAnotherCouldNotBePresented(TlsProvider provider, String kind)
      throws Exception {
    ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
    AtHand source = new AtHand(certificate(pair("EC 256")));
    try (ClientTls tls = clientTls(source, control, provider)) {
      tls.start();
      Object before = tls.settings();
      assertThat(before).isNotNull();
      source.listener.onCertificates(List.of(certificate(pair(kind))));
      assertThat(tls.settings()).isSameAs(before);
    } finally {
      control.shutdownNow();
    }
  }
}
