package io.sluice.core.transport.tls;

import io.netty.handler.ssl.SslContextBuilder;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Certificates of our own, as handshakes present them: with which keys the libraries of TLS can
 * sign, and how they are given them. A library takes other keys all the same, and then fails in
 * every handshake.
 */
public final class Presented {

  /** What some TLS 1.3 signature is for (RFC 8446 §4.2.3), and every JDK has. */
  private static final List<String> CURVES = List.of("secp256r1", "secp384r1", "secp521r1");

  /** What peers take at least; JDKs refuse less. */
  private static final int MIN_RSA_BITS = 1024;

  private static final String EXPECTED =
      "a key of RSA with 1024 bits or more, of EC on P-256, P-384 or P-521, or of Ed25519";

  private static final String ED25519 = "Ed25519";

  private Presented() {}

  /**
   * Reports what a source has at hand and no handshake could present, at the block that it was made
   * of.
   */
  public static void check(CertificateSource source, ConfigSection block, TlsProvider provider) {
    String key =
        List.of("certificate", "keystore").stream().filter(block::has).findFirst().orElse("");
    for (KeyedCertificate certificate : source.atHand()) {
      String problem = problem(certificate, provider);
      if (problem != null) {
        block.problem(key, problem, EXPECTED);
      }
    }
  }

  /** Why no handshake could present it by that library, as one clause; null when it could. */
  private static @Nullable String problem(KeyedCertificate certificate, TlsProvider provider) {
    if (certificate.chain().isEmpty()) {
      return "there is no certificate";
    }
    PublicKey key = certificate.chain().get(0).getPublicKey();
    String whose = certificate.chain().get(0).getSubjectX500Principal().getName();
    if (key instanceof ECPublicKey ec) {
      return CURVES.stream().anyMatch(name -> isOn(name, ec))
          ? null
          : "the key of %s is of EC on a curve that TLS has no signatures for".formatted(whose);
    }
    if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < MIN_RSA_BITS) {
      return "the key of %s is of RSA with only %d bits"
          .formatted(whose, rsa.getModulus().bitLength());
    }
    boolean boring = provider.resolved() == TlsProvider.BORINGSSL;
    boolean served =
        switch (kind(key)) {
          case "RSA", ED25519 -> true;
          case "RSASSA-PSS", "Ed448" -> !boring;
          default -> false;
        };
    return served
        ? null
        : "the key of %s is of %s, which %s cannot sign with"
            .formatted(whose, kind(key), boring ? "BoringSSL" : "TLS");
  }

  private static String kind(PublicKey key) {
    return key instanceof EdECPublicKey edwards
        ? edwards.getParams().getName()
        : key.getAlgorithm();
  }

  private static boolean isOn(String curve, ECPublicKey key) {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec(curve));
      ECParameterSpec named = parameters.getParameterSpec(ECParameterSpec.class);
      return named.getCurve().equals(key.getParams().getCurve())
          && named.getGenerator().equals(key.getParams().getGenerator());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has these curves", e);
    }
  }

  /** A builder for a server's context that presents it. */
  static SslContextBuilder forServer(KeyedCertificate certificate, TlsProvider provider)
      throws SSLException {
    check(certificate, provider);
    return needsSoleKey(certificate, provider)
        ? SslContextBuilder.forServer(new SoleKey(certificate))
        : SslContextBuilder.forServer(certificate.key(), certificate.chain());
  }

  /** Has a client's context present it, to servers that ask. */
  static void forClient(
      SslContextBuilder builder, KeyedCertificate certificate, TlsProvider provider)
      throws SSLException {
    check(certificate, provider);
    if (needsSoleKey(certificate, provider)) {
      builder.keyManager(new SoleKey(certificate));
    } else {
      builder.keyManager(certificate.key(), certificate.chain());
    }
  }

  private static void check(KeyedCertificate certificate, TlsProvider provider)
      throws SSLException {
    String problem = problem(certificate, provider);
    if (problem != null) {
      throw new SSLException(problem);
    }
  }

  /**
   * Netty looks for a key by the authentication methods of the cipher suites, none of which stands
   * for Ed25519, though BoringSSL signs with it.
   */
  private static boolean needsSoleKey(KeyedCertificate certificate, TlsProvider provider) {
    return provider.resolved() == TlsProvider.BORINGSSL
        && kind(certificate.chain().get(0).getPublicKey()).equals(ED25519);
  }
}
