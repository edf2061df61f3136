package io.sluice.core.admin;

import io.sluice.api.cache.ResponseCache;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers fixed things and remembers what was asked of it. */
final class FakeModel implements AdminModel {

  final List<String> calls = new CopyOnWriteArrayList<>();
  volatile Readiness readiness = new Readiness(true, List.of());
  volatile CompletionStage<ReloadResult> reload =
      CompletableFuture.completedFuture(
          new ReloadResult(2, List.of("route users changed"), List.of()));
  volatile Change change = new Change(Change.Result.DONE, "done");
  volatile boolean broken;

  @Override
  public Status status() {
    if (broken) {
      throw new IllegalStateException("10.1.2.3 leaked");
    }
    return new Status(
        State.READY,
        "0.1.0",
        Duration.ofMillis(1500),
        Instant.parse("2026-01-02T03:04:05Z"),
        1,
        3,
        2,
        "BoringSSL",
        List.of(new ListenerView("<web>", "http", List.of("127.0.0.1:8080"), 3)),
        null);
  }

  @Override
  public Readiness readiness() {
    return readiness;
  }

  @Override
  public String effectiveConfig() {
    return "{\"admin\":{\"token\":\"***\"}}";
  }

  @Override
  public List<RouteView> routes() {
    return List.of(
        new RouteView(
            0,
            "users",
            Map.of("host", "users.com"),
            "upstream",
            List.of("users"),
            List.of("cors", "limit")));
  }

  @Override
  public List<UpstreamView> upstreams() {
    EndpointView endpoint =
        new EndpointView(
            "127.0.0.1:9001",
            "one.users",
            Health.HEALTHY,
            EndpointState.ENABLED,
            null,
            null,
            1,
            0.5,
            "b",
            false,
            0,
            4,
            5,
            3,
            "the certificate expired",
            new ProbeView(Instant.EPOCH, true, "status 200", Instant.EPOCH, 3, 1),
            new LatencyView(Duration.ofMillis(2), Duration.ofMillis(9)));
    return List.of(
        new UpstreamView(
            "users",
            "http1",
            "least-request",
            0,
            new BreakerView("open", 2.5),
            new LimiterView(20, 7),
            null,
            List.of(endpoint)));
  }

  @Override
  public List<PluginView> plugins() {
    return List.of(new PluginView("middleware", "cors", "cors.jar", "1.0", List.of("max-age")));
  }

  @Override
  public Explanation explain(
      String method,
      String url,
      List<Map.Entry<String, String>> headers,
      List<X509Certificate> certificates) {
    if (!url.startsWith("http")) {
      throw new IllegalArgumentException("the URL is not absolute");
    }
    List<String> report = new ArrayList<>(List.of(method + " " + url));
    headers.forEach(header -> report.add(header.getKey() + "=" + header.getValue()));
    return new Explanation("users", report);
  }

  @Override
  public CompletionStage<ReloadResult> reload() {
    calls.add("reload");
    return reload;
  }

  @Override
  public void drain() {
    calls.add("drain");
  }

  @Override
  public Change setEndpointState(String upstream, String endpoint, EndpointState state) {
    calls.add(upstream + " " + endpoint + " " + state);
    return change;
  }

  @Override
  public Change putEndpoint(String upstream, String endpoint, EndpointSettings settings) {
    calls.add(upstream + " " + endpoint + " " + settings);
    return change;
  }

  @Override
  public Change removeEndpoint(String upstream, String endpoint) {
    calls.add(upstream + " " + endpoint + " removed");
    return change;
  }

  @Override
  public Optional<CompletionStage<Long>> purge(String cache, ResponseCache.Selector selector) {
    if (!cache.equals("main")) {
      return Optional.empty();
    }
    calls.add("purge " + selector);
    return Optional.of(CompletableFuture.completedFuture(7L));
  }
}
