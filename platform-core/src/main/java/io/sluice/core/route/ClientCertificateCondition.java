package io.sluice.core.route;

import io.sluice.api.http.RequestHead;
import io.sluice.api.tls.ClientIdentity;
import io.sluice.api.tls.ClientIdentity.NameKind;
import java.util.ArrayList;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a client with a certificate, or for one without. What is empty is not asked; of each
 * list one member is enough. Only a certificate that was verified counts: the others end the
 * handshake.
 *
 * @param shown whether there must be one; else there must be none
 * @param subjects distinguished names, compared as such (RFC 5280 §7.1)
 * @param issuers distinguished names of who signed it
 * @param commonNames of the subject
 * @param names subject alternative names
 * @param fingerprints SHA-256, lower-case hexadecimal without colons
 */
record ClientCertificateCondition(
    boolean shown,
    List<X500Principal> subjects,
    List<X500Principal> issuers,
    List<NamePattern> commonNames,
    List<AlternativeName> names,
    List<String> fingerprints)
    implements Condition {

  static final ClientCertificateCondition ANY = bare(true);
  static final ClientCertificateCondition NONE = bare(false);

  private static ClientCertificateCondition bare(boolean shown) {
    return new ClientCertificateCondition(
        shown, List.of(), List.of(), List.of(), List.of(), List.of());
  }

  /** A subject alternative name, or several. */
  record AlternativeName(NameKind kind, NamePattern pattern) {

    boolean matches(ClientIdentity.Name name) {
      return kind == name.kind() && pattern.matches(name.value());
    }

    @Override
    public String toString() {
      return kind.word() + ":" + pattern;
    }
  }

  @Override
  public boolean test(RequestHead head, MatchInput input) {
    ClientIdentity identity = input.identity();
    return identity == null ? !shown : shown && refusal(identity) == null;
  }

  /** What of the certificate is not as asked, or null. */
  private @Nullable String refusal(ClientIdentity identity) {
    if (!subjects.isEmpty() && !subjects.contains(identity.subject())) {
      return "subject " + identity.subject().getName();
    }
    if (!issuers.isEmpty() && !issuers.contains(identity.issuer())) {
      return "issuer " + identity.issuer().getName();
    }
    if (!commonNames.isEmpty() && !takesCommonName(identity.commonName())) {
      return "common name " + identity.commonName();
    }
    if (!names.isEmpty() && identity.names().stream().noneMatch(this::takes)) {
      return "names " + (identity.names().isEmpty() ? "(none)" : Words.listed(identity.names()));
    }
    if (!fingerprints.isEmpty() && !fingerprints.contains(identity.fingerprint())) {
      return "fingerprint " + identity.fingerprint();
    }
    return null;
  }

  private boolean takesCommonName(@Nullable String name) {
    return name != null && commonNames.stream().anyMatch(pattern -> pattern.matches(name));
  }

  private boolean takes(ClientIdentity.Name name) {
    return names.stream().anyMatch(wanted -> wanted.matches(name));
  }

  @Override
  public String whyNot(RequestHead head, MatchInput input) {
    ClientIdentity identity = input.identity();
    if (identity == null) {
      return "the client shows no certificate";
    }
    return shown
        ? "the client's certificate has " + refusal(identity)
        : "the client shows a certificate: " + identity;
  }

  boolean covers(ClientCertificateCondition other) {
    return equals(other) || (equals(ANY) && other.shown);
  }

  /** What is asked, in the words of the configuration. */
  @Override
  public String toString() {
    if (!shown) {
      return "none";
    }
    List<String> parts = new ArrayList<>();
    add(parts, "subject", subjects.stream().map(X500Principal::getName).toList());
    add(parts, "issuer", issuers.stream().map(X500Principal::getName).toList());
    add(parts, "common-name", commonNames);
    add(parts, "san", names);
    add(parts, "fingerprint", fingerprints);
    return parts.isEmpty() ? "any" : String.join(", ", parts);
  }

  private static void add(List<String> parts, String key, List<?> values) {
    if (!values.isEmpty()) {
      parts.add(key + " " + Words.anyOf(values));
    }
  }
}
