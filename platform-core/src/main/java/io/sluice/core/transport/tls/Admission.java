package io.sluice.core.transport.tls;

import io.sluice.api.tls.ClientIdentity;
import org.jspecify.annotations.Nullable;

/**
 * What let a client in: the certificate that it showed, if any, and the authorities that vouched
 * for it then. A resumed session stands on the handshake that began it.
 */
public final class Admission {

  /** Nobody was asked, or nobody answered. */
  static final Admission UNKNOWN = new Admission(null, null, Long.MAX_VALUE);

  private final @Nullable ClientIdentity client;
  private final @Nullable TrustFile authority;
  private final long notAfter;

  /**
   * An admission.
   *
   * @param notAfter until when the certificate is valid, in milliseconds of the Unix epoch
   */
  Admission(@Nullable ClientIdentity client, @Nullable TrustFile authority, long notAfter) {
    this.client = client;
    this.authority = authority;
    this.notAfter = notAfter;
  }

  /** Who the client is by its certificate, which the handshake verified; null without one. */
  public @Nullable ClientIdentity client() {
    return client;
  }

  /** Whether one of these authorities would let the client in at this time. */
  boolean holds(@Nullable TrustFile now, long millis) {
    return client == null
        || (millis <= notAfter && authority != null && now != null && authority.sameAs(now));
  }
}
