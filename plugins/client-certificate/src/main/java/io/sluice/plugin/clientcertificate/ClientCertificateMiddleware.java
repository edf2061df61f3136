package io.sluice.plugin.clientcertificate;

import io.sluice.api.http.HeaderName;
import io.sluice.api.http.Headers;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.tls.ClientIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Puts the client's certificate into a header of the request, and first takes out whatever the
 * client sent under such a name (RFC 9440 §4): an endpoint that believes the header believes us.
 * Names with underscores count as well, since gateways of the CGI kind cannot tell them apart.
 */
final class ClientCertificateMiddleware implements Middleware {

  private static final HeaderName CLIENT_CERT = HeaderName.of("Client-Cert");
  private static final HeaderName CHAIN = HeaderName.of("Client-Cert-Chain");
  private static final HeaderName FORWARDED = HeaderName.of("X-Forwarded-Client-Cert");

  private static final Set<String> OURS =
      Set.of("client-cert", "client-cert-chain", "x-forwarded-client-cert");

  private final ClientCertificateConfig config;

  ClientCertificateMiddleware(ClientCertificateConfig config) {
    this.config = config;
  }

  @Override
  public Flow onRequest(Exchange exchange) {
    Headers headers = exchange.request().headers();
    List<String> sent = sent(headers);
    boolean believed =
        config.trusted() == ClientCertificateConfig.Trusted.KEEP && exchange.peerIsTrusted();
    if (believed && !sent.isEmpty()) {
      return Flow.CONTINUE;
    }
    sent.forEach(headers::remove);
    ClientIdentity client = exchange.clientIdentity();
    if (client != null) {
      tell(headers, client);
    }
    return Flow.CONTINUE;
  }

  private void tell(Headers headers, ClientIdentity client) {
    switch (config.format()) {
      case CLIENT_CERT -> {
        headers.set(CLIENT_CERT, client.clientCert());
        if (config.chain() && !client.clientCertChain().isEmpty()) {
          headers.set(CHAIN, client.clientCertChain());
        }
      }
      case X_FORWARDED_CLIENT_CERT -> headers.set(FORWARDED, ForwardedElement.of(client));
    }
  }

  /** The names of headers that only we may send, as they are spelt. */
  private static List<String> sent(Headers headers) {
    List<String> names = new ArrayList<>(0);
    headers.forEach(
        (name, value) -> {
          if (isOurs(name)) {
            names.add(name);
          }
        });
    return names;
  }

  private static boolean isOurs(String name) {
    return switch (name.length()) {
      case 11, 17, 23 -> OURS.contains(name.toLowerCase(Locale.ROOT).replace('_', '-'));
      default -> false; // most names, at no cost
    };
  }
}
