package io.sluice.core.transport.tls;

import io.netty.buffer.ByteBuf;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate sources of a generation that prove their names to an ACME authority (RFC 8555).
 * All of them are asked wherever an authority comes, since it comes to whatever address a name has.
 * Immutable; may be asked on any event loop.
 */
public final class AcmeChallenges {

  /** The protocol by which an authority says that it comes to validate (RFC 8737 §4). */
  static final String PROTOCOL = "acme-tls/1";

  /** Nobody proves anything. */
  public static final AcmeChallenges NONE = new AcmeChallenges(List.of());

  private static final Logger log = LoggerFactory.getLogger(AcmeChallenges.class);

  private final List<CertificateSource> sources;

  private AcmeChallenges(List<CertificateSource> sources) {
    this.sources = sources;
  }

  /** Those of {@code sources} that have challenges to answer. */
  public static AcmeChallenges of(List<CertificateSource> sources) {
    List<CertificateSource> answering =
        sources.stream().filter(CertificateSource::answersChallenges).toList();
    return answering.isEmpty() ? NONE : new AcmeChallenges(answering);
  }

  /** Whether nobody is to be asked. */
  public boolean isEmpty() {
    return sources.isEmpty();
  }

  /** The key authorization for http-01 (RFC 8555 §8.3), or null. */
  public @Nullable String httpChallenge(String token) {
    return ask(source -> source.httpChallenge(token));
  }

  /** The certificate for tls-alpn-01 (RFC 8737 §3), or null. */
  @Nullable KeyedCertificate certificate(String serverName) {
    return ask(source -> source.challenge(serverName));
  }

  private <T> @Nullable T ask(Function<CertificateSource, @Nullable T> question) {
    for (CertificateSource source : sources) {
      try {
        T answer = question.apply(source);
        if (answer != null) {
          return answer;
        }
      } catch (RuntimeException e) {
        log.error("a certificate source failed to answer a challenge", e);
      }
    }
    return null;
  }

  /**
   * Whether a client offers {@link #PROTOCOL} and nothing else, as an authority must (RFC 8737 §3).
   *
   * @param hello the body of a ClientHello (RFC 8446 §4.1.2); not moved
   */
  public static boolean isValidation(ByteBuf hello) {
    return ClientHello.applicationProtocols(hello).equals(List.of(PROTOCOL));
  }
}
