package io.sluice.core.exchange;

import io.sluice.api.tls.ClientIdentity;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The variables that stand for what a client's certificate says. */
final class ClientVariables {

  private ClientVariables() {}

  /** What {@code name} stands for; null where it is unknown or there is no certificate. */
  static @Nullable String value(@Nullable ClientIdentity identity, String name) {
    if (identity == null) {
      return null;
    }
    return switch (name) {
      case "client-cert-subject" -> identity.subject().getName();
      case "client-cert-issuer" -> identity.issuer().getName();
      case "client-cert-cn" -> identity.commonName();
      case "client-cert-san" -> names(identity);
      case "client-cert-serial" -> identity.certificate().getSerialNumber().toString(16);
      case "client-cert-fingerprint" -> identity.fingerprint();
      case "client-cert-not-before" -> identity.certificate().getNotBefore().toInstant().toString();
      case "client-cert-not-after" -> identity.certificate().getNotAfter().toInstant().toString();
      default -> null;
    };
  }

  private static @Nullable String names(ClientIdentity identity) {
    return identity.names().isEmpty()
        ? null
        : identity.names().stream()
            .map(ClientIdentity.Name::toString)
            .collect(Collectors.joining(","));
  }
}
