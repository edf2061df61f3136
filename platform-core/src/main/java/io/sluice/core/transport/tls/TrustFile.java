package io.sluice.core.transport.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
      List<X509Certificate> authorities = new ArrayList<>();
      for (Certificate each :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(content))) {
        authorities.add((X509Certificate) each);
      }
      if (authorities.isEmpty()) {
        throw new IllegalArgumentException(path + " holds no certificate");
      }
      return new TrustFile(path, content, List.copyOf(authorities));
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("no such file: " + path, e);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + path + ": " + e.getMessage(), e);
    } catch (CertificateException e) {
      throw new IllegalArgumentException(path + " is no PEM file of certificates", e);
    }
  }

  boolean sameAs(TrustFile other) {
    return Arrays.equals(content, other.content);
  }
}
