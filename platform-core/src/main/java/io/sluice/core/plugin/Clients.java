package io.sluice.core.plugin;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.UpstreamClient;

/** Makes the clients that plugins ask for. Implemented where upstreams are. */
@FunctionalInterface
public interface Clients {

  /**
   * A client of one upstream, see {@link io.sluice.api.PluginContext#client}.
   *
   * @param config where the upstream is named, for problems
   * @param key the key in {@code config} that names it
   * @param upstream its name; may be declared later than the plugin
   */
  UpstreamClient client(ConfigSection config, String key, String upstream);
}
