package io.sluice.core.boot;

import io.sluice.api.observe.AccessLog;
import io.sluice.core.exchange.Generation;
import io.sluice.core.exchange.MiddlewareBinding;
import io.sluice.core.observe.MeterScope;
import io.sluice.core.plugin.PluginHost;
import io.sluice.core.transport.tls.ServerTls;
import io.sluice.core.upstream.Upstream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A configuration that was built: its generation and everything that belongs to it, by identity.
 * What the next one has in common with it is carried over.
 *
 * @param listenerTls by the name of the listener
 */
record Loaded(
    RootConfig config,
    Generation generation,
    PluginHost host,
    MeterScope meters,
    Map<String, Shared<Upstream>> upstreams,
    Map<String, Shared<MiddlewareBinding>> middleware,
    Map<String, Shared<Object>> policies,
    Map<String, Shared<ServerTls>> listenerTls,
    @Nullable Shared<AccessLog> accessLog) {

  private Collection<Shared<?>> parts() {
    List<Shared<?>> parts = new ArrayList<>(upstreams.values());
    parts.addAll(middleware.values());
    parts.addAll(policies.values());
    parts.addAll(listenerTls.values());
    if (accessLog != null) {
      parts.add(accessLog);
    }
    return parts;
  }

  /** It serves: keeps its parts alive. */
  void hold() {
    parts().forEach(Shared::hold);
  }

  /** Its last exchange ended: closes what no other generation holds. Never on an event loop. */
  void close() {
    parts().forEach(Shared::letGo);
    meters.close();
    host.registry().close();
  }

  /** It never served. */
  void discard() {
    parts().forEach(Shared::discard);
    meters.close();
    host.registry().close();
  }

  /** The TLS of the listener of that name, or null where it speaks plaintext. */
  @Nullable ServerTls listenerTls(String listener) {
    Shared<ServerTls> tls = listenerTls.get(listener);
    return tls == null ? null : tls.value();
  }

  /** The upstream of that name, or null. */
  @Nullable Upstream upstream(String name) {
    for (Shared<Upstream> upstream : upstreams.values()) {
      if (upstream.value().name().equals(name)) {
        return upstream.value();
      }
    }
    return null;
  }
}
