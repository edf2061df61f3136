package io.sluice.plugin.clientcertificate;

import io.sluice.api.tls.ClientIdentity;
import io.sluice.api.tls.ClientIdentity.NameKind;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * An element of {@code X-Forwarded-Client-Cert} as Envoy's documentation of that header describes
 * it: hash, subject, and the names that are URIs and host names.
 */
final class ForwardedElement {

  private ForwardedElement() {}

  static String of(ClientIdentity client) {
    StringBuilder text = new StringBuilder("Hash=").append(client.fingerprint());
    text.append(";Subject=").append(quoted(client.subject().getName()));
    appendNames(text, client, NameKind.URI, ";URI=");
    appendNames(text, client, NameKind.DNS, ";DNS=");
    return text.toString();
  }

  private static void appendNames(
      StringBuilder text, ClientIdentity client, NameKind kind, String key) {
    for (ClientIdentity.Name name : client.names()) {
      if (name.kind() == kind) {
        text.append(key).append(isPlain(name.value()) ? name.value() : quoted(name.value()));
      }
    }
  }

  private static boolean isPlain(String value) {
    return value.chars().allMatch(c -> c > ' ' && c < 0x7f && ",;=\"\\".indexOf(c) < 0);
  }

  /** Between quotes; what a header cannot hold is percent-encoded as UTF-8. */
  private static String quoted(String value) {
    StringBuilder text = new StringBuilder("\"");
    for (byte octet : value.getBytes(StandardCharsets.UTF_8)) {
      if (octet < ' ' || octet == 0x7f) { // negative: beyond ASCII
        text.append('%').append(HexFormat.of().withUpperCase().toHexDigits(octet));
      } else {
        if (octet == '"' || octet == '\\') {
          text.append('\\');
        }
        text.append((char) octet);
      }
    }
    return text.append('"').toString();
  }
}
