package io.sluice.core.transport.tls;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The credentials of a listener, by server name (RFC 6066 §3). A name that is spelled out wins over
 * a wildcard, which stands for one label (RFC 9525 §6.3); of two for the same name the first wins.
 * Immutable.
 */
final class CertificateSet {

  static final CertificateSet EMPTY = new CertificateSet(List.of());

  /** A credential with the names it serves, in lower case. */
  record Named(ServerCredential credential, List<String> names) {}

  private final List<Named> all;
  private final Map<String, ServerCredential> exact = new HashMap<>();
  private final Map<String, ServerCredential> byParent = new HashMap<>();

  CertificateSet(List<Named> all) {
    this.all = List.copyOf(all);
    for (Named named : all) {
      for (String name : named.names()) {
        if (name.startsWith("*.")) {
          byParent.putIfAbsent(name.substring(2), named.credential());
        } else {
          exact.putIfAbsent(name, named.credential());
        }
      }
    }
  }

  /**
   * The credential for a name, or the first where none is for it; null in an empty set.
   *
   * @param serverName as the client sent it, or null when it sent none
   */
  @Nullable ServerCredential find(@Nullable String serverName) {
    ServerCredential found = serverName == null ? null : named(serverName);
    if (found != null) {
      return found;
    }
    return all.isEmpty() ? null : all.get(0).credential();
  }

  private @Nullable ServerCredential named(String serverName) {
    String name = serverName.toLowerCase(Locale.ROOT);
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1);
    }
    ServerCredential found = exact.get(name);
    if (found != null) {
      return found;
    }
    int dot = name.indexOf('.');
    return dot <= 0 ? null : byParent.get(name.substring(dot + 1));
  }

  /** All credentials, in order. */
  List<ServerCredential> credentials() {
    return all.stream().map(Named::credential).toList();
  }

  void seal(TicketKeys keys) {
    all.forEach(named -> named.credential().seal(keys));
  }

  void giveUp() {
    all.forEach(named -> named.credential().giveUp());
  }
}
