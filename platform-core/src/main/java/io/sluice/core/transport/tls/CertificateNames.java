package io.sluice.core.transport.tls;

import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/** The names in a certificate. */
public final class CertificateNames {

  private static final int DNS = 2;
  private static final int EMAIL = 1;
  private static final int URI = 6;

  private CertificateNames() {}

  /** The server names that a certificate is for, in lower case (RFC 9525 §6.3). */
  static List<String> served(KeyedCertificate certificate) {
    List<String> names = certificate.names();
    if (names.isEmpty() && !certificate.chain().isEmpty()) {
      X509Certificate leaf = certificate.chain().get(0);
      names = alternatives(leaf, DNS);
      String common = commonName(leaf);
      if (names.isEmpty() && common != null) {
        names = List.of(common);
      }
    }
    return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
  }

  /** The common name of the subject, or null. */
  public static @Nullable String commonName(X509Certificate certificate) {
    try {
      for (Rdn part :
          new LdapName(certificate.getSubjectX500Principal().getName("RFC2253")).getRdns()) {
        if (part.getType().equalsIgnoreCase("CN")) {
          return String.valueOf(part.getValue());
        }
      }
      return null;
    } catch (InvalidNameException e) {
      return null; // a subject that is no distinguished name has no common name either
    }
  }

  /** Whom a client certificate names: its DNS names, e-mail addresses and URIs. */
  public static List<String> identities(X509Certificate certificate) {
    List<String> names = new ArrayList<>(alternatives(certificate, DNS));
    names.addAll(alternatives(certificate, EMAIL));
    names.addAll(alternatives(certificate, URI));
    return names;
  }

  private static List<String> alternatives(X509Certificate certificate, int kind) {
    List<String> names = new ArrayList<>();
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      if (all != null) {
        for (List<?> name : all) {
          if (Integer.valueOf(kind).equals(name.get(0))) {
            names.add(String.valueOf(name.get(1)));
          }
        }
      }
    } catch (CertificateParsingException e) {
      return List.of(); // what cannot be read names nobody
    }
    return names;
  }
}
