package io.sluice.core.transport.tls;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.time.Instant;

/** Certificates of authorities that a test makes up, all of them of today. */
public final class Issued {

  private Issued() {}

  /** An authority that nobody vouches for. */
  public static X509Bundle authority(String subject) {
    try {
      return builder(subject).setIsCertificateAuthority(true).buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** An authority that another vouches for. */
  public static X509Bundle authority(String subject, X509Bundle by) {
    try {
      return builder(subject).setIsCertificateAuthority(true).buildIssuedBy(by);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A certificate for DNS names, of which the first is the common name too, and 127.0.0.1. */
  public static X509Bundle by(X509Bundle authority, String... names) {
    try {
      CertificateBuilder builder = builder("CN=" + names[0]);
      for (String name : names) {
        builder.addSanDnsName(name);
      }
      return builder.addSanIpAddress("127.0.0.1").buildIssuedBy(authority);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A certificate that expires. */
  public static X509Bundle until(Instant end, X509Bundle authority, String name) {
    try {
      return builder("CN=" + name).notAfter(end).buildIssuedBy(authority);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A certificate that nobody vouches for, and that was good until an hour ago. */
  public static X509Bundle expired(String name) {
    Instant now = Instant.now();
    try {
      return builder("CN=" + name)
          .addSanDnsName(name)
          .addSanIpAddress("127.0.0.1")
          .notBefore(now.minusSeconds(7200))
          .notAfter(now.minusSeconds(3600))
          .setIsCertificateAuthority(true)
          .buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static CertificateBuilder builder(String subject) {
    return new CertificateBuilder().ecp256().subject(subject);
  }
}
