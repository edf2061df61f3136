package io.sluice.core.plugin;

import io.sluice.api.PluginFactory;
import io.sluice.api.cache.CacheStoreFactory;
import io.sluice.api.cache.ResponseCacheFactory;
import io.sluice.api.limit.CircuitBreakerFactory;
import io.sluice.api.limit.ConcurrencyLimiterFactory;
import io.sluice.api.limit.RateLimitStoreFactory;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.api.observe.AccessLogFactory;
import io.sluice.api.observe.TracerFactory;
import io.sluice.api.tls.CertificateSourceFactory;
import io.sluice.api.upstream.EndpointDiscoveryFactory;
import io.sluice.api.upstream.HealthCheckFactory;
import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.api.upstream.OutlierDetectorFactory;
import io.sluice.api.upstream.RetryPolicyFactory;
import java.util.Locale;

/**
 * The kinds of plugin that the platform knows, each with the service interface of its factories.
 */
public enum PluginKind {
  /** A step that every exchange passes. */
  MIDDLEWARE(MiddlewareFactory.class, "middleware"),
  /** Picks an endpoint. */
  LOAD_BALANCER(LoadBalancerFactory.class, "load balancer"),
  /** Probes endpoints. */
  HEALTH_CHECK(HealthCheckFactory.class, "health check"),
  /** Ejects endpoints by their real traffic. */
  OUTLIER_DETECTOR(OutlierDetectorFactory.class, "outlier detector"),
  /** Decides on another attempt. */
  RETRY_POLICY(RetryPolicyFactory.class, "retry policy"),
  /** Bounds attempts in flight. */
  CONCURRENCY_LIMITER(ConcurrencyLimiterFactory.class, "concurrency limiter"),
  /** Finds endpoints. */
  ENDPOINT_DISCOVERY(EndpointDiscoveryFactory.class, "endpoint discovery"),
  /** Answers from memory. */
  RESPONSE_CACHE(ResponseCacheFactory.class, "response cache"),
  /** Keeps what a cache remembers. */
  CACHE_STORE(CacheStoreFactory.class, "cache store"),
  /** Keeps the buckets of rate limits. */
  RATE_LIMIT_STORE(RateLimitStoreFactory.class, "rate-limit store"),
  /** Stops asking an upstream that fails. */
  CIRCUIT_BREAKER(CircuitBreakerFactory.class, "circuit breaker"),
  /** Writes a record for each exchange. */
  ACCESS_LOG(AccessLogFactory.class, "access log"),
  /** Makes spans. */
  TRACER(TracerFactory.class, "tracer"),
  /** Supplies certificates. */
  CERTIFICATE_SOURCE(CertificateSourceFactory.class, "certificate source");

  @SuppressWarnings("ImmutableEnumChecker") // a class object has no state of ours
  private final Class<? extends PluginFactory<?>> factory;

  private final String words;

  PluginKind(Class<? extends PluginFactory<?>> factory, String words) {
    this.factory = factory;
    this.words = words;
  }

  /** The service interface that factories of this kind implement. */
  public Class<? extends PluginFactory<?>> factory() {
    return factory;
  }

  /** The name for sentences: {@code load balancer}. */
  public String words() {
    return words;
  }

  /** The name for tables and JSON: {@code load-balancer}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The kind whose factories implement {@code factory}.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static PluginKind of(Class<?> factory) {
    for (PluginKind kind : values()) {
      if (kind.factory == factory) {
        return kind;
      }
    }
    throw new IllegalArgumentException(factory.getName() + " is no kind of plugin");
  }
}
