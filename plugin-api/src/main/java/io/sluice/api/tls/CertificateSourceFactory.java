package io.sluice.api.tls;

import io.sluice.api.PluginFactory;

/** Makes {@link CertificateSource}. */
public interface CertificateSourceFactory extends PluginFactory<CertificateSource> {}
