package io.sluice.api.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where certificates come from: files, a generator for demos, or an ACME account. One instance for
 * each member of a listener's {@code tls.certificates}, and one for the client certificate of an
 * upstream.
 *
 * <p>A source pushes whole sets; the core swaps them without touching open connections. Its life:
 *
 * <ol>
 *   <li>The factory reads the configuration. A source that has its certificates at hand, such as
 *       files, loads them there, so that {@code sluice check} reports every problem with them at
 *       its line. One that would have to call somebody must not: a check sends nothing.
 *   <li>{@link #start}, when its configuration is about to serve. A set that is at hand is pushed
 *       before it returns. A source that has none yet may push later: until then handshakes that
 *       need it are refused, and everything else is served.
 *   <li>{@link #refresh}, again and again.
 *   <li>{@link #close}, when the last exchange of its generation has ended. For a while the sources
 *       of two generations run side by side, so what they keep on disk must bear two readers.
 * </ol>
 *
 * <h2>Sources that prove their names to an authority (ACME, RFC 8555)</h2>
 *
 * <p>A source that answers {@link #answersChallenges} with true is asked for what an authority that
 * validates a name wants to see, whatever listener it comes to, because it comes to whatever
 * address the name has; the others cost listeners nothing:
 *
 * <ul>
 *   <li><b>http-01</b> (RFC 8555 §8.3) comes to port 80 of the name, so mostly to another listener
 *       than the one that the certificate is for: {@link #httpChallenge} is asked whichever
 *       plaintext listener heard the request, ahead of middleware and routes, which could redirect
 *       or refuse it. Where nobody has an answer the request goes its usual way.
 *   <li><b>tls-alpn-01</b> (RFC 8737) comes to a TLS listener with the one protocol {@code
 *       acme-tls/1} in ALPN: {@link #challenge} is asked before a certificate is chosen, and the
 *       connection ends with its handshake.
 *   <li><b>dns-01</b> (RFC 8555 §8.4) is between the source and whoever serves the zone.
 * </ul>
 *
 * <p>With several instances behind one address, the one that an authority reaches may not be the
 * one that asked for the validation: a source keeps its pending challenges where all of them look.
 */
public interface CertificateSource extends AutoCloseable {

  /**
   * The set that the configuration itself gives, ahead of {@link #start} and for {@code sluice
   * check}, which say what speaks against it; empty for a source that must ask somebody, or make
   * it.
   */
  default List<KeyedCertificate> atHand() {
    return List.of();
  }

  /**
   * Begins. Must not block. Sets come from any thread, one at a time; the first one may come before
   * this returns.
   */
  void start(Listener listener);

  /**
   * Something may have changed outside: look again, and push a set if so. Called on the interval
   * that {@code tls.reload} gives, and never before {@link #start}. Must not block: read through
   * {@link io.sluice.api.PluginContext#offload}.
   */
  default void refresh() {}

  /** Whether {@link #challenge} and {@link #httpChallenge} are to be asked; fixed for its life. */
  default boolean answersChallenges() {
    return false;
  }

  /**
   * The answer to a challenge of an authority that is validating a name, for ACME's tls-alpn-01:
   * asked when a client offers only the protocol {@code acme-tls/1}, on an event loop. Must not
   * block.
   *
   * @param serverName in lower case
   * @return the challenge certificate with its acmeIdentifier extension (RFC 8737 §3), or null
   */
  default @Nullable KeyedCertificate challenge(String serverName) {
    return null;
  }

  /**
   * The key authorization for ACME's http-01 challenge: asked for a request to {@code
   * /.well-known/acme-challenge/TOKEN} on any plaintext listener, on an event loop. Must not block.
   *
   * @param token made of the characters that one may have, nothing else
   * @return the key authorization, ASCII, or null when it is another's
   */
  default @Nullable String httpChallenge(String token) {
    return null;
  }

  /** Stops; no call to the listener begins afterwards. */
  @Override
  void close();

  /** Hears of changes. */
  interface Listener {
    /** The whole set as of now. The first one serves clients that send no server name. */
    void onCertificates(List<KeyedCertificate> certificates);

    /** The set could not be renewed; the last good one serves on. Logged on change. */
    void onError(String problem, @Nullable Throwable cause);
  }

  /**
   * A certificate with its key.
   *
   * @param chain leaf first
   * @param key the private key of the leaf
   * @param names server names it serves, wildcards included; empty means those in the leaf
   * @param ocspResponse a DER-encoded OCSP response to staple, or null
   */
  record KeyedCertificate(
      List<X509Certificate> chain,
      PrivateKey key,
      List<String> names,
      byte @Nullable [] ocspResponse) {}
}
