package io.sluice.plugin.certificateselfsigned;

import io.sluice.api.PluginContext;
import io.sluice.api.tls.CertificateSource;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A certificate that is made when the source starts, with a key that never leaves the process, and
 * again after two thirds of its life. Clients cannot tell it from one that somebody on the way has
 * made, which each start says in the log.
 */
final class SelfSignedCertificates implements CertificateSource {

  private static final Logger log = LoggerFactory.getLogger(SelfSignedCertificates.class);

  private final SelfSignedConfig config;
  private final PluginContext context;
  private volatile @Nullable Listener listener;

  SelfSignedCertificates(SelfSignedConfig config, PluginContext context) {
    this.config = config;
    this.context = context;
  }

  @Override
  public void start(Listener to) {
    listener = to;
    SelfSigned made = make();
    log.warn(
        "{}: a self-signed certificate for {}, which no client trusts; for demonstrations only"
            + " (SHA-256 {})",
        context.name(),
        String.join(", ", config.names()),
        fingerprint(made));
    push(to, made);
  }

  private SelfSigned make() {
    return SelfSigned.make(config.names(), context.clock().instant(), config.validity());
  }

  private void push(Listener to, SelfSigned made) {
    to.onCertificates(
        List.of(
            new KeyedCertificate(List.of(made.certificate()), made.key(), config.names(), null)));
    Duration life = config.validity();
    context.schedule(life.multipliedBy(2).dividedBy(3), this::renew);
  }

  private void renew() {
    context
        .offload(this::make)
        .whenComplete(
            (made, failure) -> {
              Listener to = listener;
              if (to == null) {
                return;
              }
              if (failure == null) {
                push(to, made);
              } else {
                to.onError("another certificate could not be made", failure);
              }
            });
  }

  private static String fingerprint(SelfSigned made) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(made.certificate().getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public void close() {
    listener = null;
  }
}
