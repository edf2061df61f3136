package io.sluice.core.boot;

import io.sluice.api.observe.AccessLog;
import io.sluice.api.observe.AccessLogFactory;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSourceFactory;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.config.Problems;
import io.sluice.core.exchange.Generation;
import io.sluice.core.exchange.MiddlewareBinding;
import io.sluice.core.exchange.RoutePlan;
import io.sluice.core.listener.ListenerConfig;
import io.sluice.core.observe.AccessLogs;
import io.sluice.core.observe.MeterRegistry;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.plugin.PluginCode;
import io.sluice.core.plugin.PluginHost;
import io.sluice.core.route.RouteTable;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.transport.tls.AcmeChallenges;
import io.sluice.core.transport.tls.Presented;
import io.sluice.core.transport.tls.ServerTls;
import io.sluice.core.transport.tls.ServerTlsConfig;
import io.sluice.core.upstream.Upstream;
import io.sluice.core.upstream.UpstreamConfig;
import io.sluice.core.upstream.UpstreamPlugins;
import io.sluice.core.upstream.UpstreamServices;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds a configuration: makes what is new, carries over what did not change, resolves every name.
 * Starts nothing. One for each generation, on the configuration thread.
 */
final class GenerationFactory {

  private static final Logger log = LoggerFactory.getLogger(GenerationFactory.class);

  private final RootConfig config;
  private final PluginHost host;
  private final Predecessor predecessor;
  private final EventLoops loops;
  private final MeterRegistry registry;
  private final UpstreamServices upstreamServices;
  private final RuntimeConfig runtime;
  private final ScheduledExecutorService control;
  private final ExecutorService blocking;
  private final MeterScope meters;

  private final Map<String, Shared<Upstream>> upstreams = new LinkedHashMap<>();
  private final Map<String, Upstream> upstreamsByName = new LinkedHashMap<>();
  private final Map<String, Shared<Object>> policies = new LinkedHashMap<>();
  private final Map<String, Shared<ServerTls>> listenerTls = new LinkedHashMap<>();

  @Inject
  GenerationFactory(
      RootConfig config,
      PluginHost host,
      Predecessor predecessor,
      EventLoops loops,
      MeterRegistry registry,
      UpstreamServices upstreamServices,
      RuntimeConfig runtime,
      ScheduledExecutorService control,
      @Blocking ExecutorService blocking) {
    this.runtime = runtime;
    this.control = control;
    this.blocking = blocking;
    this.config = config;
    this.host = host;
    this.predecessor = predecessor;
    this.loops = loops;
    this.registry = registry;
    this.upstreamServices = upstreamServices;
    this.meters = registry.scope();
  }

  /**
   * Builds it.
   *
   * @param problems receives every semantic problem
   * @return null when there was one; what was made for nothing is closed again
   */
  @Nullable Loaded build(Problems problems, long number) {
    makeUpstreams(problems);
    Middlewares middlewares = new Middlewares(config, host, predecessor, registry);
    Shared<AccessLog> accessLog = accessLog();
    AcmeChallenges challenges = makeListenerTls(problems);
    GenerationPlans plans =
        new GenerationPlans(
            config,
            middlewares,
            upstreamsByName,
            policies,
            predecessor,
            host,
            challenges,
            accessLog == null ? null : accessLog.value(),
            registry,
            meters);
    RouteTable table = RouteTable.compile(config.routes());
    List<RoutePlan> routes = plans.routes(table, problems);
    config.root().reportUnread();
    if (!problems.isEmpty()) {
      closeNew();
      host.discard();
      meters.close();
      return null;
    }
    table.warnings().forEach(warning -> log.warn("{}", warning));
    Generation generation =
        new Generation(
            number,
            table,
            routes,
            plans.listeners(),
            accessLog == null ? null : accessLog.value(),
            host.attributeCount(),
            loops.size());
    return new Loaded(
        config,
        generation,
        host,
        meters,
        upstreams,
        middlewares.made(),
        policies,
        listenerTls,
        accessLog);
  }

  /** The sources of one listener, and the code that they came from. */
  private record Sources(List<CertificateSource> all, PluginCode code) {}

  private AcmeChallenges makeListenerTls(Problems problems) {
    Map<ListenerConfig, Sources> made = new LinkedHashMap<>();
    for (ListenerConfig listener : config.listeners().values()) {
      if (listener.tls() != null) {
        made.put(listener, sources(listener.tls()));
      }
    }
    if (!problems.isEmpty()) {
      return AcmeChallenges.NONE;
    }
    AcmeChallenges challenges =
        AcmeChallenges.of(made.values().stream().flatMap(each -> each.all().stream()).toList());
    made.forEach(
        (listener, sources) ->
            listenerTls.put(listener.name(), serverTls(listener, sources, challenges)));
    return challenges;
  }

  private Sources sources(ServerTlsConfig tls) {
    int uses = host.uses();
    List<CertificateSource> sources = new ArrayList<>();
    for (LocatedSection block : tls.certificates()) {
      CertificateSource source =
          host.create(CertificateSourceFactory.class, block, "file", block.path());
      if (source != null) {
        Presented.check(source, block, runtime.tlsProvider());
        sources.add(source);
      }
    }
    return new Sources(sources, host.usedSince(uses));
  }

  private Shared<ServerTls> serverTls(
      ListenerConfig listener, Sources sources, AcmeChallenges challenges) {
    Shared<ServerTls> before = predecessor.listenerTls().get(listener.name());
    ServerTls made =
        new ServerTls(
            new ServerTls.Setting(
                listener.name(),
                Objects.requireNonNull(listener.tls()),
                listener.applicationProtocols(),
                runtime.tlsProvider(),
                challenges,
                Clock.systemUTC(),
                System::nanoTime,
                control,
                blocking),
            sources.all(),
            before == null ? null : before.value());
    PluginHost owner = host;
    return new Shared<>(
        "tls " + listener.name(),
        sources.code(),
        made,
        () -> {
          made.close();
          sources.all().forEach(owner::close);
        });
  }

  /** What was made for nothing must not be measured any longer. */
  private void closeNew() {
    listenerTls.values().forEach(shared -> shared.value().close());
    upstreams.values().stream()
        .filter(shared -> !predecessor.upstreams().containsValue(shared))
        .forEach(shared -> shared.value().close());
  }

  private void makeUpstreams(Problems problems) {
    config.upstreams().forEach((name, section) -> upstream(name, section, problems));
  }

  private void upstream(String name, LocatedSection section, Problems problems) {
    String zone = config.runtime().zone();
    String where = section.has("zone-aware") ? " in " + zone : "";
    String identity = "upstream " + name + where + " " + section.canonical();
    Shared<Upstream> before = predecessor.upstreams().get(identity);
    if (before != null && before.isTheSame(identity, host.registry())) {
      section.ignoreUnread();
      upstreams.put(identity, before);
      upstreamsByName.put(name, before.value());
      return;
    }
    int uses = host.uses();
    UpstreamConfig upstreamConfig = UpstreamConfig.decode(name, section, zone);
    UpstreamPlugins plugins = UpstreamPlugins.decode(name, section, upstreamConfig.tls(), host);
    checkClientCertificate(upstreamConfig, plugins);
    if (!problems.isEmpty() || plugins.balancer() == null) {
      return;
    }
    Upstream made = new Upstream(upstreamConfig, plugins, upstreamServices);
    PluginHost owner = host;
    upstreams.put(
        identity,
        new Shared<>(
            identity,
            host.usedSince(uses),
            made,
            () -> {
              made.close();
              plugins.all().forEach(owner::close);
            }));
    upstreamsByName.put(name, made);
  }

  private void checkClientCertificate(UpstreamConfig upstream, UpstreamPlugins plugins) {
    LocatedSection block = upstream.tls() == null ? null : upstream.tls().certificate();
    CertificateSource source = plugins.clientCertificate();
    if (block != null && source != null) {
      Presented.check(source, block, runtime.tlsProvider());
    }
  }

  private @Nullable Shared<AccessLog> accessLog() {
    Element element = config.accessLog();
    if (element != null && element.isText()) {
      if (!element.text().equals("off")) {
        element.problem("\"" + element.text() + "\" is no block", "off or { type = … }");
      }
      return null;
    }
    LocatedSection section =
        element == null ? config.root().empty("access-log") : element.section();
    String identity = "access-log " + section.canonical();
    Shared<AccessLog> before = predecessor.accessLog();
    if (before != null && before.isTheSame(identity, host.registry())) {
      section.ignoreUnread();
      return before;
    }
    int uses = host.uses();
    AccessLog made = host.create(AccessLogFactory.class, section, "json", "access-log");
    if (made == null) {
      return null;
    }
    PluginHost owner = host;
    AccessLog fanned = new AccessLogs(Map.of("access-log", made), registry.process());
    return new Shared<>(identity, host.usedSince(uses), fanned, () -> owner.close(made));
  }

  /** What the last generation has to give. */
  record Predecessor(
      Map<String, Shared<Upstream>> upstreams,
      Map<String, Shared<MiddlewareBinding>> middleware,
      Map<String, Shared<Object>> policies,
      Map<String, Shared<ServerTls>> listenerTls,
      @Nullable Shared<AccessLog> accessLog) {

    static Predecessor of(@Nullable Loaded loaded) {
      return loaded == null
          ? new Predecessor(Map.of(), Map.of(), Map.of(), Map.of(), null)
          : new Predecessor(
              loaded.upstreams(),
              loaded.middleware(),
              loaded.policies(),
              loaded.listenerTls(),
              loaded.accessLog());
    }
  }
}
