package io.sluice.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.config.ConfigLoader;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.config.Problems;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Endpoints and upstream blocks for tests. */
final class Endpoints {

  private Endpoints() {}

  /** A healthy one of weight 1 that listens nowhere. */
  static EndpointState at(String name) {
    return at(name, 1, null, 0);
  }

  static EndpointState at(String name, int weight, @Nullable String zone, int priority) {
    EndpointAddress address = EndpointAddress.parse(name + ":80");
    return new EndpointState(new EndpointConfig(address, weight, zone, priority), true);
  }

  /** The names without their ports. */
  static List<String> names(Iterable<EndpointState> endpoints) {
    List<String> names = new java.util.ArrayList<>();
    endpoints.forEach(endpoint -> names.add(endpoint.host()));
    return names;
  }

  /** An upstream without further problems, in zone {@code a}. */
  static UpstreamConfig upstream(String keys) {
    Problems problems = new Problems();
    UpstreamConfig config = upstream(keys, "a", problems);
    assertThat(problems.render()).isEmpty();
    return config;
  }

  /** The problems of an upstream that has some. */
  static List<String> refused(String keys) {
    Problems problems = new Problems();
    upstream(keys, "a", problems);
    return problems.render();
  }

  static UpstreamConfig upstream(String keys, @Nullable String zone, Problems problems) {
    LocatedSection root =
        ConfigLoader.parse(Path.of("a.conf"), "endpoints = [\"x:1\"]\n" + keys, Map.of(), problems);
    assertThat(root).isNotNull();
    UpstreamConfig config = UpstreamConfig.decode("app", root, zone);
    root.reportUnread();
    return config;
  }
}
