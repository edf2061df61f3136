package io.sluice.core.boot;

import io.sluice.api.ApiVersion;
import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.api.upstream.EndpointDiscovery.EndpointSpec;
import io.sluice.api.upstream.EndpointDiscoveryFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Discovery of type {@code scripted} that finds what a test says. */
final class ScriptedDiscovery implements EndpointDiscoveryFactory {

  /** Every listener so far, the latest last. */
  final List<EndpointDiscovery.Listener> listeners = new CopyOnWriteArrayList<>();

  final AtomicInteger closed = new AtomicInteger();

  @Override
  public String type() {
    return "scripted";
  }

  @Override
  public String apiVersion() {
    return ApiVersion.CURRENT;
  }

  @Override
  public EndpointDiscovery create(ConfigSection config, PluginContext context) {
    config.string("tag").describe("to be another one").optional();
    return new EndpointDiscovery() {
      @Override
      public void start(Listener listener) {
        listeners.add(listener);
      }

      @Override
      public void close() {
        closed.incrementAndGet();
      }
    };
  }

  EndpointDiscovery.Listener latest() {
    return listeners.get(listeners.size() - 1);
  }

  void finds(Peer... peers) {
    latest().onEndpoints(Stream.of(peers).map(ScriptedDiscovery::spec).toList());
  }

  static EndpointSpec spec(Peer peer) {
    return EndpointSpec.at("127.0.0.1", peer.port());
  }
}
