package io.sluice.core.transport.tls;

import io.sluice.core.config.PemCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.InvalidAlgorithmParameterException;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The certificate authorities in a PEM file, as they were when it was read.
 *
 * @param content the file's octets, by which a change is noticed
 */
record TrustFile(Path path, byte[] content, List<X509Certificate> authorities) {

  /**
   * Reads it. Blocks.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  static TrustFile read(Path path) {
    try {
      byte[] content = Files.readAllBytes(path);
      return new TrustFile(path, content, PemCertificates.read(content));
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("no such file: " + path, e);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + path + ": " + e.getMessage(), e);
    } catch (CertificateException e) {
      throw new IllegalArgumentException(
          path + " is no PEM file of certificates: " + e.getMessage(), e);
    }
  }

  /**
   * The way from a certificate to one of these authorities, as the path validation of RFC 5280 §6
   * finds it now: the certificates that signed it, nearest first, the authority itself left out.
   * Revocation is nobody's concern here.
   *
   * @param shown the certificate, then what was sent along with it
   * @throws CertPathBuilderException saying why, when there is none
   */
  List<X509Certificate> path(List<X509Certificate> shown) throws CertPathBuilderException {
    X509Certificate leaf = shown.get(0);
    if (authorities.contains(leaf)) {
      return List.of();
    }
    try {
      X509CertSelector target = new X509CertSelector();
      target.setCertificate(leaf);
      PKIXBuilderParameters parameters =
          new PKIXBuilderParameters(
              authorities.stream()
                  .map(authority -> new TrustAnchor(authority, null))
                  .collect(Collectors.toSet()),
              target);
      parameters.setRevocationEnabled(false);
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(shown)));
      List<X509Certificate> path = new ArrayList<>();
      for (Certificate each :
          CertPathBuilder.getInstance("PKIX").build(parameters).getCertPath().getCertificates()) {
        path.add((X509Certificate) each);
      }
      return List.copyOf(path.subList(1, path.size()));
    } catch (InvalidAlgorithmParameterException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK builds paths so", e);
    }
  }

  /** {@link #path}; empty when there is none. */
  List<X509Certificate> issuersAmong(List<X509Certificate> shown) {
    try {
      return path(shown);
    } catch (CertPathBuilderException e) {
      return List.of(); // the file changed, or time passed, since the handshake
    }
  }

  boolean sameAs(TrustFile other) {
    return Arrays.equals(content, other.content);
  }
}
