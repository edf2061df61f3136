package io.sluice.plugin.certificatefile;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSourceFactory;

/** Makes the {@code file} certificate source, which is the default. */
public final class FileCertificatesFactory implements CertificateSourceFactory {

  @Override
  public String type() {
    return "file";
  }

  @Override
  public CertificateSource create(ConfigSection config, PluginContext context) {
    return new FileCertificates(FileCertificatesConfig.decode(config, context.clock()), context);
  }
}
