package io.sluice.api;

import io.sluice.api.config.ConfigSection;

/**
 * Makes one kind of plugin. Found by {@link java.util.ServiceLoader} under the interface of its
 * kind ({@code MiddlewareFactory}, {@code LoadBalancerFactory}, …) and selected by {@code type =
 * "…"} in the configuration.
 *
 * <p>The platform creates one factory for each class loader, through its public no-argument
 * constructor, and calls it from one configuration thread at a time. A factory holds no state.
 *
 * @param <P> the kind of plugin made
 */
public interface PluginFactory<P> {

  /**
   * The name that selects this plugin in the configuration: kebab-case, unique within its kind.
   * When two jars offer the same name, both are refused and named.
   */
  String type();

  /**
   * Makes a plugin for one configuration block. Must not block, do I/O or start threads.
   *
   * <p>Throws nothing for a bad configuration: problems are recorded by {@code config}, which then
   * hands out placeholders so that one pass finds every problem; the result is discarded when there
   * was any. An exception from here is reported as a fault of the plugin.
   *
   * @param config the block that selected this plugin; its {@code type} key is already read
   * @param context what the platform lends; stays valid until the plugin is closed
   */
  P create(ConfigSection config, PluginContext context);

  /**
   * Whether the bare type name may stand in a list, with no configuration at all. Leave it {@code
   * false} for anything that guards: an unconfigured guard guards nothing.
   */
  default boolean safeWithoutConfig() {
    return false;
  }

  /**
   * The API version this plugin was compiled against, {@code major.minor}. The default reads {@code
   * Sluice-Api-Version} of the jar's manifest and falls back to {@link ApiVersion#CURRENT} for
   * classes that come from no jar.
   */
  default String apiVersion() {
    return ApiVersion.of(getClass());
  }
}
