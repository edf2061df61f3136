package io.sluice.api.tls;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Who a client is by the certificate that it proved to hold and that an authority of the listener
 * stands behind. One for each connection, the same for all of its exchanges in every version of
 * HTTP; made by the core, or by tests.
 *
 * <p>What is asked for is worked out once and kept, so that a header made of it costs the
 * connection's first exchange and no other. Thread-safe; nothing here blocks.
 */
public final class ClientIdentity {

  /** What a name beside the subject is (GeneralName, RFC 5280 §4.2.1.6). */
  public enum NameKind {
    /** A host name, in lower case. */
    DNS(2),
    /** A URI, such as a SPIFFE ID. */
    URI(6),
    /** An address of mail. */
    EMAIL(1),
    /** An address as {@link java.net.InetAddress#getHostAddress} writes it. */
    IP(7);

    private final int tag;

    NameKind(int tag) {
      this.tag = tag;
    }

    static @Nullable NameKind of(Object tag) {
      for (NameKind kind : values()) {
        if (tag.equals(kind.tag)) {
          return kind;
        }
      }
      return null;
    }

    /** The word for it: {@code dns}, {@code uri}, {@code email} or {@code ip}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A name beside the subject; as text {@code dns:a.example.com}. */
  public record Name(NameKind kind, String value) {
    @Override
    public String toString() {
      return kind.word() + ":" + value;
    }
  }

  private final X509Certificate certificate;
  private final Supplier<List<X509Certificate>> path;

  // Each is immutable and comes out the same whoever works it out first.
  private @Nullable List<X509Certificate> issuers;
  private @Nullable List<Name> names;
  private @Nullable String fingerprint;
  private @Nullable String clientCert;
  private @Nullable String clientCertChain;

  private ClientIdentity(X509Certificate certificate, Supplier<List<X509Certificate>> path) {
    this.certificate = certificate;
    this.path = path;
  }

  /** The identity that a verified certificate gives, signed by an authority itself. */
  public static ClientIdentity of(X509Certificate certificate) {
    return new ClientIdentity(certificate, List::of);
  }

  /**
   * The identity that a verified certificate gives.
   *
   * @param issuers answers {@link #issuers}; asked when somebody wants to know
   */
  public static ClientIdentity of(
      X509Certificate certificate, Supplier<List<X509Certificate>> issuers) {
    return new ClientIdentity(certificate, issuers);
  }

  /** The client's own certificate. */
  public X509Certificate certificate() {
    return certificate;
  }

  /**
   * The certificates between the client's own and the authority that the listener trusts: the one
   * who signed the client's first, the authority itself not among them. Each was verified; what
   * else a client sent along is not here. Mostly empty.
   */
  public List<X509Certificate> issuers() {
    List<X509Certificate> known = issuers;
    if (known == null) {
      known = List.copyOf(path.get());
      issuers = known;
    }
    return known;
  }

  /** The subject. */
  public X500Principal subject() {
    return certificate.getSubjectX500Principal();
  }

  /** Who signed the certificate. */
  public X500Principal issuer() {
    return certificate.getIssuerX500Principal();
  }

  /** The most specific common name of the subject, or null. */
  public @Nullable String commonName() {
    try {
      List<Rdn> parts = new LdapName(subject().getName()).getRdns();
      for (int i = parts.size() - 1; i >= 0; i--) {
        if (parts.get(i).getType().equalsIgnoreCase("CN")
            && parts.get(i).getValue() instanceof String name) {
          return name;
        }
      }
      return null;
    } catch (InvalidNameException e) {
      return null; // a name that its own text does not give back
    }
  }

  /** The subject alternative names of the kinds that stand for somebody, in order. */
  public List<Name> names() {
    List<Name> known = names;
    if (known == null) {
      known = read(certificate);
      names = known;
    }
    return known;
  }

  private static List<Name> read(X509Certificate certificate) {
    List<Name> found = new ArrayList<>();
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      for (List<?> each : all == null ? List.<List<?>>of() : all) {
        NameKind kind = NameKind.of(each.get(0));
        if (kind != null && each.get(1) instanceof String value) {
          found.add(new Name(kind, kind == NameKind.DNS ? value.toLowerCase(Locale.ROOT) : value));
        }
      }
    } catch (CertificateParsingException e) {
      return List.of(); // names that cannot be read are nobody's
    }
    return List.copyOf(found);
  }

  /** SHA-256 of the certificate, in lower-case hexadecimal. */
  public String fingerprint() {
    String known = fingerprint;
    if (known == null) {
      try {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(der(certificate));
        known = HexFormat.of().formatHex(hash);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every JDK has SHA-256", e);
      }
      fingerprint = known;
    }
    return known;
  }

  /**
   * The value of a {@code Client-Cert} header (RFC 9440 §2.2): the certificate as a byte sequence
   * (RFC 8941 §3.3.5), base64 of its DER between colons.
   */
  public String clientCert() {
    String known = clientCert;
    if (known == null) {
      known = byteSequence(certificate);
      clientCert = known;
    }
    return known;
  }

  /**
   * The value of a {@code Client-Cert-Chain} header (RFC 9440 §2.3): a list of byte sequences, one
   * for each of {@link #issuers}; empty when there are none, and then no header is to be sent.
   */
  public String clientCertChain() {
    String known = clientCertChain;
    if (known == null) {
      known =
          issuers().stream().map(ClientIdentity::byteSequence).collect(Collectors.joining(", "));
      clientCertChain = known;
    }
    return known;
  }

  private static String byteSequence(X509Certificate certificate) {
    return ':' + Base64.getEncoder().encodeToString(der(certificate)) + ':';
  }

  private static byte[] der(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("it was decoded", e);
    }
  }

  /** For messages: the subject, or the names where that is empty. */
  @Override
  public String toString() {
    String subject = subject().getName();
    return subject.isEmpty()
        ? names().stream().map(Name::toString).collect(Collectors.joining(","))
        : subject;
  }
}
