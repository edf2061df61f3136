package io.sluice.core.transport.tls;

import io.sluice.api.tls.ClientIdentity;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * On what terms clients may come to a listener: whether they show a certificate, and who must vouch
 * for it. Immutable: where the file of authorities changes, the listener has other terms.
 */
public final class ClientTerms {

  private final ServerTlsConfig.Clients clients;
  private final @Nullable TrustFile authority;
  private final @Nullable Verifier verifier;
  private final Clock clock;

  private ClientTerms(ServerTlsConfig.Clients clients, @Nullable TrustFile authority, Clock clock) {
    this.clients = clients;
    this.authority = authority;
    this.verifier = authority == null ? null : Verifier.by(authority);
    this.clock = clock;
  }

  /**
   * As configured. Blocks.
   *
   * @throws IllegalArgumentException where the file of authorities cannot be read
   */
  static ClientTerms of(ServerTlsConfig config, Clock clock) {
    Path file = config.clientAuthority();
    return new ClientTerms(config.clients(), file == null ? null : TrustFile.read(file), clock);
  }

  /** The same, but for who must vouch. */
  ClientTerms with(TrustFile other) {
    return new ClientTerms(clients, other, clock);
  }

  /** Who must vouch for clients; null where nobody is asked. */
  @Nullable TrustFile authority() {
    return authority;
  }

  /** What verifies the certificates of clients; null where nobody is asked. */
  @Nullable Verifier verifier() {
    return verifier;
  }

  /** Whether whoever may come here may come there, and the other way around. */
  boolean sameAs(ClientTerms other) {
    TrustFile mine = authority;
    TrustFile theirs = other.authority;
    return clients == other.clients
        && (mine == null ? theirs == null : theirs != null && mine.sameAs(theirs));
  }

  /**
   * What lets the client in at the other end of a handshake that succeeded, begun on these terms or
   * later ones; null where that is no longer enough, for a session may be resumed after its
   * certificate has expired.
   */
  public @Nullable Admission admit(SSLEngine engine) {
    TrustFile by = authority;
    if (by == null) {
      return Admission.ofNobody();
    }
    try {
      List<X509Certificate> shown = new ArrayList<>();
      for (Certificate each : engine.getSession().getPeerCertificates()) {
        shown.add((X509Certificate) each);
      }
      Admission admission = Admission.of(shown, by);
      return stillAdmits(admission) ? admission : null;
    } catch (SSLPeerUnverifiedException e) {
      return Admission.ofNobody(); // asked, and not required to
    }
  }

  /** Whether a client that was let in before, perhaps by another generation, would be on these. */
  public boolean stillAdmits(Admission earlier) {
    return switch (clients) {
      case NONE -> true;
      case OPTIONAL -> earlier.client() == null || isVouchedFor(earlier);
      case REQUIRED -> earlier.client() != null && isVouchedFor(earlier);
    };
  }

  private boolean isVouchedFor(Admission earlier) {
    return earlier.holds(authority, verifier, clock.millis());
  }

  /**
   * Who a client would be that shows these certificates, its own first. Verifies them.
   *
   * @throws CertificateException for which its handshake would fail
   */
  public @Nullable ClientIdentity client(List<X509Certificate> shown) throws CertificateException {
    TrustFile by = authority;
    if (by == null || verifier == null) {
      return null;
    }
    verifier.checkClientTrusted(shown.toArray(X509Certificate[]::new), "UNKNOWN");
    return ClientIdentity.of(shown.get(0), () -> by.issuersAmong(shown));
  }
}
