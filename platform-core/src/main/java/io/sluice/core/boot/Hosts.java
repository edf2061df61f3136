package io.sluice.core.boot;

import io.sluice.core.config.LocatedSection;
import io.sluice.core.plugin.PluginHost;
import io.sluice.core.plugin.PluginRegistry;
import io.sluice.core.plugin.PluginServices;
import io.sluice.core.upstream.PooledClient;
import io.sluice.core.upstream.Upstream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the plugin host of each configuration: which plugins there are, and what they are lent.
 * Used by one thread at a time.
 */
final class Hosts {

  private static final Logger log = LoggerFactory.getLogger(Hosts.class);

  private final PlatformOptions options;
  private final PlatformComponent process;
  private final Function<String, @Nullable Upstream> serving;
  private final PluginServices services;

  /**
   * Hosts of one process.
   *
   * @param serving the upstream of a name that serves at the time of the call, or null
   */
  Hosts(
      PlatformOptions options,
      PlatformComponent process,
      Function<String, @Nullable Upstream> serving) {
    this.options = options;
    this.process = process;
    this.serving = serving;
    this.services =
        new PluginServices(
            name -> process.meters().scope(),
            process.control(),
            process.blocking(),
            (config, key, upstream) -> {
              throw new IllegalStateException("replaced for each configuration");
            },
            Clock.systemUTC(),
            System::nanoTime);
  }

  /** The host of {@code root}, which takes over from {@code before} what did not change. */
  PluginHost next(RootConfig root, @Nullable Loaded before) {
    PluginServices lent = lend(root);
    PluginRegistry found = registry(root, before);
    return before == null ? new PluginHost(found, lent) : before.host().next(found, lent);
  }

  private PluginRegistry registry(RootConfig root, @Nullable Loaded before) {
    if (options.factories() != null) {
      return PluginRegistry.of(options.factories());
    }
    List<Path> folders =
        root.runtime().plugins().stream().map(folder -> options.home().resolve(folder)).toList();
    return before == null
        ? PluginRegistry.discover(folders, Hosts.class.getClassLoader(), log::warn)
        : before.host().registry().refresh(folders, log::warn);
  }

  private PluginServices lend(RootConfig root) {
    return services.with(
        (config, key, upstream) -> {
          if (!root.upstreams().containsKey(upstream)) {
            LocatedSection.of(config)
                .unknown(key, "unknown upstream \"" + upstream + "\"", root.upstreams().keySet());
          }
          return new PooledClient(process.loops(), () -> serving.apply(upstream));
        });
  }
}
