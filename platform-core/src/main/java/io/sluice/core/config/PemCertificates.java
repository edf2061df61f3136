package io.sluice.core.config;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Certificates in PEM (RFC 7468 §5), one behind the other, whatever stands between them. */
public final class PemCertificates {

  private PemCertificates() {}

  /**
   * Reads all of a text or a file.
   *
   * @return at least one, in order
   * @throws CertificateException when there is none, or one that cannot be read
   */
  public static List<X509Certificate> read(byte[] pem) throws CertificateException {
    List<X509Certificate> found = new ArrayList<>();
    for (Certificate each :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(pem))) {
      found.add((X509Certificate) each);
    }
    if (found.isEmpty()) {
      throw new CertificateException("holds no certificate");
    }
    return List.copyOf(found);
  }

  /** As of a file. */
  public static List<X509Certificate> read(String pem) throws CertificateException {
    return read(pem.getBytes(StandardCharsets.US_ASCII));
  }
}
