package io.sluice.core.wire;

import io.sluice.api.PluginContext;
import io.sluice.api.PluginFactory;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.http.RequestHead;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.api.middleware.Resumption;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.HealthCheckFactory;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.api.upstream.PickRequest;
import io.sluice.api.upstream.RetryPolicy;
import io.sluice.api.upstream.RetryPolicyFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The plugins that a platform needs to run, at their simplest. */
final class TestPlugins {

  private TestPlugins() {}

  static List<PluginFactory<?>> all() {
    return List.of(
        new FirstFit(), new Retries(), new Failing(), new Buffering(), new Marking(), new Never());
  }

  /** The first endpoint that is not excluded. */
  private static final class FirstFit implements LoadBalancerFactory {
    @Override
    public String type() {
      return "least-request";
    }

    @Override
    public LoadBalancer create(ConfigSection config, PluginContext context) {
      return candidates -> request -> pick(candidates, request);
    }

    private static Endpoint pick(List<Endpoint> candidates, PickRequest request) {
      return candidates.stream()
          .filter(endpoint -> !request.excluded(endpoint))
          .findFirst()
          .orElse(candidates.get(0));
    }
  }

  /** Tries again whatever the core lets it. */
  private static final class Retries implements RetryPolicyFactory {
    @Override
    public String type() {
      return "standard";
    }

    @Override
    public RetryPolicy create(ConfigSection config, PluginContext context) {
      int attempts =
          config.integer("attempts", 1, 9).describe("the most attempts").orElse(3L).intValue();
      return new RetryPolicy() {
        @Override
        public int maxAttempts() {
          return attempts;
        }

        @Override
        public long retryAfter(@Nullable RequestHead request, AttemptOutcome outcome, int made) {
          return 0;
        }

        @Override
        public boolean retriesStatus(int status) {
          return status == 503;
        }
      };
    }
  }

  private abstract static class Bare implements MiddlewareFactory, Middleware {
    @Override
    public Middleware create(ConfigSection config, PluginContext context) {
      return this;
    }

    @Override
    public boolean safeWithoutConfig() {
      return true;
    }
  }

  /** Throws, with a message that no client may see. */
  private static final class Failing extends Bare {
    @Override
    public String type() {
      return "failing";
    }

    @Override
    public Flow onRequest(Exchange exchange) {
      throw new IllegalStateException("secret of the plugin");
    }
  }

  /** Reads up to 1 KiB of content before it lets the request pass. */
  private static final class Buffering extends Bare {
    @Override
    public String type() {
      return "buffering";
    }

    @Override
    public Flow onRequest(Exchange exchange) {
      Resumption resumption = exchange.suspend(Duration.ofSeconds(30));
      exchange.bufferRequest(1024, resumption);
      return Flow.SUSPENDED;
    }
  }

  /** A health check that nothing passes. */
  private static final class Never implements HealthCheckFactory {
    @Override
    public String type() {
      return "never";
    }

    @Override
    public HealthCheck create(ConfigSection config, PluginContext context) {
      return target ->
          CompletableFuture.completedFuture(new HealthCheck.Verdict(false, "not even asked"));
    }
  }

  /** Marks what passes, both ways. */
  private static final class Marking extends Bare {
    @Override
    public String type() {
      return "marking";
    }

    @Override
    public Flow onRequest(Exchange exchange) {
      exchange.request().headers().set("X-Verified", "proxy");
      return Flow.CONTINUE;
    }

    @Override
    public Flow onResponse(Exchange exchange) {
      exchange.response().headers().set("X-Verified", "proxy");
      return Flow.CONTINUE;
    }
  }
}
