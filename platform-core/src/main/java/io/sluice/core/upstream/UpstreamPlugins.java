package io.sluice.core.upstream;

import io.sluice.api.PluginFactory;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.limit.CircuitBreaker;
import io.sluice.api.limit.CircuitBreakerFactory;
import io.sluice.api.limit.ConcurrencyLimiter;
import io.sluice.api.limit.ConcurrencyLimiterFactory;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSourceFactory;
import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.api.upstream.EndpointDiscoveryFactory;
import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.HealthCheckFactory;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.api.upstream.OutlierDetector;
import io.sluice.api.upstream.OutlierDetectorFactory;
import io.sluice.api.upstream.RetryPolicy;
import io.sluice.api.upstream.RetryPolicyFactory;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.plugin.PluginHost;
import io.sluice.core.transport.tls.ClientTlsConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The policies of one upstream. Made on the configuration thread, together with the problems of
 * their blocks; closed through {@link #all} by whoever owns the host.
 *
 * @param balancer null only beside a problem
 * @param maxReplay octets of request content that are kept for another attempt
 * @param ejectable the share of the endpoints that outlier detection may take out
 */
public record UpstreamPlugins(
    @Nullable LoadBalancer balancer,
    @Nullable RetryPolicy retry,
    long maxReplay,
    @Nullable HealthCheck healthCheck,
    HealthConfig health,
    @Nullable OutlierDetector outliers,
    double ejectable,
    @Nullable ConcurrencyLimiter limiter,
    @Nullable CircuitBreaker breaker,
    @Nullable EndpointDiscovery discovery,
    @Nullable CertificateSource clientCertificate,
    List<Object> all) {

  /** What is kept where nothing says how much. */
  public static final long MAX_REPLAY = 64 * 1024;

  /**
   * Makes the policies that {@code config} selects; the default balancer and retries where it is
   * silent.
   */
  public static UpstreamPlugins decode(
      String name, LocatedSection config, @Nullable ClientTlsConfig tls, PluginHost host) {
    Maker maker = new Maker(name, config, host);
    LoadBalancer balancer =
        maker.make(LoadBalancerFactory.class, "balancer", "which endpoint", "least-request");
    LocatedSection retryBlock =
        maker.block("retry", "when to try again; off for never", "standard");
    long maxReplay = retryBlock == null ? 0 : maxReplay(retryBlock);
    RetryPolicy retry =
        retryBlock == null
            ? null
            : maker.make(RetryPolicyFactory.class, retryBlock, "retry", "standard");
    LocatedSection health = maker.block("health-check", "active checks", null);
    HealthConfig healthConfig = HealthConfig.decode(health, config);
    HealthCheck check =
        health == null ? null : maker.make(HealthCheckFactory.class, health, "health-check");
    LocatedSection outlier = maker.block("outlier-detection", "passive ejection", null);
    double ejectable =
        outlier == null
            ? 0
            : outlier
                .share("max-ejected", 100)
                .describe("the most endpoints that may be out at once")
                .orElse(0.3);
    OutlierDetector outliers =
        outlier == null
            ? null
            : maker.make(OutlierDetectorFactory.class, outlier, "outlier-detection");
    ConcurrencyLimiter limiter =
        maker.make(
            ConcurrencyLimiterFactory.class,
            "concurrency-limiter",
            "bounds attempts in flight",
            null);
    CircuitBreaker breaker =
        maker.make(CircuitBreakerFactory.class, "circuit-breaker", "stops asking", null);
    EndpointDiscovery discovery =
        maker.make(EndpointDiscoveryFactory.class, "discovery", "finds the endpoints", null);
    LocatedSection certificate = tls == null ? null : tls.certificate();
    CertificateSource clientCertificate =
        certificate == null
            ? null
            : maker.make(CertificateSourceFactory.class, certificate, "tls", "file");
    return new UpstreamPlugins(
        balancer,
        retry,
        maxReplay,
        check,
        healthConfig,
        outliers,
        ejectable,
        limiter,
        breaker,
        discovery,
        clientCertificate,
        maker.made);
  }

  /** Octets of request content that are kept for another attempt, as a retry block says. */
  public static long maxReplay(LocatedSection retry) {
    return retry
        .size("max-replay")
        .describe("request content kept for another attempt")
        .orElse(MAX_REPLAY);
  }

  private static final class Maker {
    private final String name;
    private final LocatedSection config;
    private final PluginHost host;
    private final List<Object> made = new ArrayList<>();

    Maker(String name, LocatedSection config, PluginHost host) {
      this.name = name;
      this.config = config;
      this.host = host;
    }

    /** The block under {@code key}; null where it is off, or absent without a default. */
    @Nullable LocatedSection block(String key, String meaning, @Nullable String fallbackType) {
      Element element = config.element(key).describe(meaning).optional().orElse(null);
      if (element == null) {
        return fallbackType == null ? null : config.empty(key);
      }
      if (element.isText()) {
        if (!element.text().equals("off")) {
          element.problem("\"" + element.text() + "\" is no block", "off or { type = … }");
        }
        return null;
      }
      if (!element.isSection()) {
        element.problem("not a block", "off or { type = … }");
        return null;
      }
      return element.section();
    }

    <P> @Nullable P make(
        Class<? extends PluginFactory<P>> kind,
        String key,
        String meaning,
        @Nullable String fallbackType) {
      LocatedSection block = block(key, meaning, fallbackType);
      return block == null ? null : make(kind, block, key, fallbackType);
    }

    <P> @Nullable P make(Class<? extends PluginFactory<P>> kind, LocatedSection block, String key) {
      return make(kind, block, key, null);
    }

    <P> @Nullable P make(
        Class<? extends PluginFactory<P>> kind,
        ConfigSection block,
        String key,
        @Nullable String fallbackType) {
      P plugin = host.create(kind, block, fallbackType, "upstreams." + name + "." + key);
      if (plugin != null) {
        made.add(plugin);
      }
      return plugin;
    }
  }
}
