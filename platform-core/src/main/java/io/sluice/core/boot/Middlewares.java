package io.sluice.core.boot;

import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.exchange.MiddlewareBinding;
import io.sluice.core.observe.MeterRegistry;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.observe.MetricNames;
import io.sluice.core.plugin.PluginHost;
import io.sluice.core.plugin.PluginKind;
import io.sluice.core.plugin.RegisteredPlugin;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The middleware of one configuration: named instances, bare types and blocks made on the spot,
 * each made once and carried over where it says the same as before.
 */
final class Middlewares {

  /** What becomes of an exchange where a step throws. */
  private enum OnError {
    FAIL,
    CONTINUE
  }

  private final RootConfig config;
  private final PluginHost host;
  private final GenerationFactory.Predecessor predecessor;
  private final MeterRegistry meters;
  private final Map<String, Shared<MiddlewareBinding>> made = new LinkedHashMap<>();
  private final Map<String, MiddlewareBinding> named = new LinkedHashMap<>();

  Middlewares(
      RootConfig config,
      PluginHost host,
      GenerationFactory.Predecessor predecessor,
      MeterRegistry meters) {
    this.config = config;
    this.host = host;
    this.predecessor = predecessor;
    this.meters = meters;
    config
        .middleware()
        .forEach(
            (name, section) -> {
              MiddlewareBinding binding = make("middleware." + name, section, null);
              if (binding != null) {
                named.put(name, binding);
              }
            });
  }

  Map<String, Shared<MiddlewareBinding>> made() {
    return made;
  }

  /** The chain that a list stands for. */
  List<MiddlewareBinding> chain(List<Element> elements) {
    List<MiddlewareBinding> chain = new ArrayList<>();
    for (Element element : elements) {
      MiddlewareBinding binding =
          element.isSection()
              ? inline(element)
              : element.isText() ? byName(element) : wrong(element);
      if (binding != null) {
        chain.add(binding);
      }
    }
    return chain;
  }

  private static @Nullable MiddlewareBinding wrong(Element element) {
    element.problem("not a middleware", "a name, a type, or a block with a type");
    return null;
  }

  private @Nullable MiddlewareBinding inline(Element element) {
    LocatedSection section = element.section();
    return make(element.path(), section, null);
  }

  private @Nullable MiddlewareBinding byName(Element element) {
    String name = element.text();
    if (config.middleware().containsKey(name)) {
      return named.get(name);
    }
    RegisteredPlugin plugin = host.registry().find(PluginKind.MIDDLEWARE, name);
    if (plugin == null) {
      TreeSet<String> known = new TreeSet<>(config.middleware().keySet());
      known.addAll(host.registry().types(PluginKind.MIDDLEWARE));
      element.unknown("unknown middleware \"" + name + "\"", known);
      return null;
    }
    if (!plugin.factory().safeWithoutConfig()) {
      element.problem(
          "\"" + name + "\" does nothing useful without a configuration",
          "{ type = " + name + ", … }");
      return null;
    }
    return make("middleware." + name, element.section(), name);
  }

  private @Nullable MiddlewareBinding make(
      String name, LocatedSection section, @Nullable String type) {
    String identity = identity(name, section, type);
    Shared<MiddlewareBinding> before = made.get(identity);
    if (before == null) {
      before = predecessor.middleware().get(identity);
      if (before != null && !before.isTheSame(identity, host.registry())) {
        before = null;
      }
    }
    if (before != null) {
      section.ignoreUnread();
      made.put(identity, before);
      return before.value();
    }
    int uses = host.uses();
    OnError onError =
        section
            .choice("on-error", OnError.class)
            .describe("what becomes of an exchange where it throws: fail or continue")
            .orElse(OnError.FAIL);
    Middleware middleware = host.create(MiddlewareFactory.class, section, type, name);
    if (middleware == null) {
      return null;
    }
    MeterScope scope = meters.scope();
    MiddlewareBinding binding =
        new MiddlewareBinding(
            name,
            middleware,
            onError == OnError.CONTINUE,
            scope.histogram(MetricNames.MIDDLEWARE, "middleware", name));
    PluginHost owner = host;
    made.put(
        identity,
        new Shared<>(
            identity,
            host.usedSince(uses),
            binding,
            () -> {
              owner.close(middleware);
              scope.close();
            }));
    return binding;
  }

  /** A block made on the spot is known by what it says, wherever it stands. */
  private String identity(String name, LocatedSection section, @Nullable String type) {
    boolean inline = !name.startsWith("middleware.");
    String what = type == null ? section.canonical() : type;
    return "middleware " + (inline ? "" : name) + " " + what;
  }
}
