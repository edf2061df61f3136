package io.sluice.plugin.discoverykubernetes;

import io.sluice.api.upstream.EndpointDiscovery;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a discovery said, in order. */
final class Heard implements EndpointDiscovery.Listener {

  final List<List<EndpointDiscovery.EndpointSpec>> answers = new CopyOnWriteArrayList<>();
  final List<String> problems = new CopyOnWriteArrayList<>();

  @Override
  public void onEndpoints(List<EndpointDiscovery.EndpointSpec> endpoints) {
    answers.add(endpoints);
  }

  @Override
  public void onError(String problem, Throwable cause) {
    problems.add(problem);
  }

  /** The last answer: {@code address:port*weight^priority}. */
  List<String> last() {
    return answers.isEmpty()
        ? List.of()
        : answers.get(answers.size() - 1).stream()
            .map(e -> e.host() + ":" + e.port() + "*" + e.weight() + "^" + e.priority())
            .toList();
  }
}
