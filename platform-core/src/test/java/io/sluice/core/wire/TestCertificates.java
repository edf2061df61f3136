package io.sluice.core.wire;

import io.netty.pkitesting.X509Bundle;
import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import io.sluice.api.tls.CertificateSourceFactory;
import io.sluice.core.transport.tls.Issued;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Certificates by {@code name}, as the test put them, for clients that trust one authority. A name
 * that nothing was put under has no certificate yet.
 */
final class TestCertificates implements CertificateSourceFactory {

  private final X509Bundle authority = Issued.authority("CN=Test authority");
  private final Map<String, List<KeyedCertificate>> sets = new ConcurrentHashMap<>();
  private final Map<String, CertificateSource.Listener> listeners = new ConcurrentHashMap<>();

  X509Bundle authority() {
    return authority;
  }

  /** A certificate of the authority for server names. */
  X509Bundle issue(String... names) {
    return Issued.by(authority, names);
  }

  /** Puts a certificate under {@code name}; a source that is started already hears of it. */
  TestCertificates put(String name, X509Bundle bundle) {
    return put(name, List.of(), bundle);
  }

  /** Puts one that serves other names than it has. */
  TestCertificates put(String name, List<String> served, X509Bundle bundle) {
    List<KeyedCertificate> set =
        List.of(
            new KeyedCertificate(
                bundle.getCertificatePathList(), bundle.getKeyPair().getPrivate(), served, null));
    sets.put(name, set);
    CertificateSource.Listener listener = listeners.get(name);
    if (listener != null) {
      listener.onCertificates(set);
    }
    return this;
  }

  @Override
  public String type() {
    return "file";
  }

  @Override
  public CertificateSource create(ConfigSection config, PluginContext context) {
    String name = config.string("name").describe("which").orElse("");
    return new CertificateSource() {
      private CertificateSource.@Nullable Listener mine;

      @Override
      public void start(Listener listener) {
        mine = listener;
        listeners.put(name, listener);
        List<KeyedCertificate> set = sets.get(name);
        if (set != null) {
          listener.onCertificates(set);
        }
      }

      @Override
      public void close() {
        if (mine != null) {
          listeners.remove(name, mine);
        }
      }
    };
  }
}
