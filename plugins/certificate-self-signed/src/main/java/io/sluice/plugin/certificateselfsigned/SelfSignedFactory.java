package io.sluice.plugin.certificateselfsigned;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSourceFactory;

/** Makes the {@code self-signed} certificate source. */
public final class SelfSignedFactory implements CertificateSourceFactory {

  @Override
  public String type() {
    return "self-signed";
  }

  @Override
  public CertificateSource create(ConfigSection config, PluginContext context) {
    return new SelfSignedCertificates(SelfSignedConfig.decode(config), context);
  }
}
