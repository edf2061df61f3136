package io.sluice.core.boot;

import io.netty.util.NetUtil;
import io.sluice.core.config.KeyDoc;
import io.sluice.core.plugin.PluginKeys;
import io.sluice.core.plugin.PluginRegistry;
import io.sluice.core.plugin.RegisteredPlugin;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;

/** What the command line and the admin API both say about a platform. */
public final class Platforms {

  private Platforms() {}

  /**
   * A plugin that a configuration can name.
   *
   * @param keys of its configuration
   */
  public record PluginInfo(
      String kind, String type, String source, String apiVersion, List<KeyDoc> keys) {}

  /** Every plugin of a registry, by kind and type. */
  public static List<PluginInfo> plugins(PluginRegistry registry) {
    List<PluginInfo> plugins = new ArrayList<>();
    for (RegisteredPlugin plugin : registry.all()) {
      plugins.add(
          new PluginInfo(
              plugin.kind().label(),
              plugin.type(),
              plugin.source(),
              plugin.apiVersion(),
              PluginKeys.of(plugin)));
    }
    return plugins;
  }

  /** An address as people write it: {@code 127.0.0.1:8080}, {@code [::]:8080}. */
  public static String text(SocketAddress address) {
    if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
      return NetUtil.toSocketAddressString(inet);
    }
    return address.toString();
  }
}
