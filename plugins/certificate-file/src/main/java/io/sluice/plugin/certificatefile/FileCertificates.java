package io.sluice.plugin.certificatefile;

import io.sluice.api.PluginContext;
import io.sluice.api.tls.CertificateSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificates as they lie in files. Looks at the files' octets whenever it is asked to, and pushes
 * what they hold when they changed and fit together; a file that is half written, or of which only
 * one of the two was replaced yet, is tried again the next time.
 */
final class FileCertificates implements CertificateSource {

  private static final Logger log = LoggerFactory.getLogger(FileCertificates.class);

  private final FileCertificatesConfig config;
  private final PluginContext context;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile @Nullable Loaded current;
  private volatile @Nullable Loaded warned;
  private volatile @Nullable Listener listener;

  FileCertificates(FileCertificatesConfig config, PluginContext context) {
    this.config = config;
    this.context = context;
    this.current = config.loaded();
  }

  @Override
  public List<KeyedCertificate> atHand() {
    Loaded now = current;
    if (now == null) {
      return List.of();
    }
    warn(now);
    return now.certificates();
  }

  @Override
  public void start(Listener to) {
    listener = to;
    Loaded now = current;
    if (now != null) {
      push(to, now);
    }
  }

  @Override
  public void refresh() {
    if (looking.compareAndSet(false, true)) {
      context
          .offload(this::look)
          .whenComplete(
              (done, failure) -> {
                looking.set(false);
                Listener to = listener;
                if (failure != null && to != null) {
                  to.onError("looking at the files failed", failure);
                }
              });
    }
  }

  private boolean look() {
    Listener to = listener;
    Loaded before = current;
    if (to == null) {
      return false;
    }
    try {
      List<byte[]> contents = Loaded.contents(config);
      if (before != null && before.sameAs(contents)) {
        return false;
      }
      Loaded now = Loaded.read(config, context.clock());
      current = now;
      push(to, now);
      return true;
    } catch (Unusable e) {
      to.onError(e.key() + ": " + e.problem(), null);
      return false;
    }
  }

  private void warn(Loaded loaded) {
    if (loaded.equals(warned)) {
      return;
    }
    warned = loaded;
    loaded.warnings().forEach(warning -> log.warn("{}: {}", context.name(), warning));
  }

  private void push(Listener to, Loaded loaded) {
    warn(loaded);
    to.onCertificates(loaded.certificates());
  }

  @Override
  public void close() {
    listener = null;
  }
}
