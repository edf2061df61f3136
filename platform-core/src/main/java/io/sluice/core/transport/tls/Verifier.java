package io.sluice.core.transport.tls;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Verifies who is at the other end: as the JDK does (RFC 5280 §6), and that their certificate is of
 * today. The JDK does not look at the dates of one that is trusted itself. Immutable.
 */
final class Verifier extends X509ExtendedTrustManager {

  private final X509ExtendedTrustManager chain;

  private Verifier(X509ExtendedTrustManager chain) {
    this.chain = chain;
  }

  /**
   * By these authorities.
   *
   * @param authorities null for those that the JVM trusts
   */
  static Verifier by(@Nullable TrustFile authorities) {
    try {
      KeyStore store = null;
      if (authorities != null) {
        store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int number = 0;
        for (X509Certificate authority : authorities.authorities()) {
          store.setCertificateEntry(Integer.toString(number++), authority);
        }
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return Arrays.stream(factory.getTrustManagers())
          .filter(X509ExtendedTrustManager.class::isInstance)
          .map(manager -> new Verifier((X509ExtendedTrustManager) manager))
          .findFirst()
          .orElseThrow();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every JDK verifies certificates", e);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] shown, String authType, SSLEngine engine)
      throws CertificateException {
    chain.checkClientTrusted(shown, authType, engine);
    shown[0].checkValidity();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] shown, String authType, Socket socket)
      throws CertificateException {
    chain.checkClientTrusted(shown, authType, socket);
    shown[0].checkValidity();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] shown, String authType)
      throws CertificateException {
    chain.checkClientTrusted(shown, authType);
    shown[0].checkValidity();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] shown, String authType, SSLEngine engine)
      throws CertificateException {
    chain.checkServerTrusted(shown, authType, engine);
    shown[0].checkValidity();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] shown, String authType, Socket socket)
      throws CertificateException {
    chain.checkServerTrusted(shown, authType, socket);
    shown[0].checkValidity();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] shown, String authType)
      throws CertificateException {
    chain.checkServerTrusted(shown, authType);
    shown[0].checkValidity();
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chain.getAcceptedIssuers();
  }
}
