package io.sluice.plugin.testkit;

import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.api.upstream.EndpointDiscovery.EndpointSpec;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** What a discovery said, in order. Thread-safe. */
public final class HeardEndpoints implements EndpointDiscovery.Listener {

  private final List<List<EndpointSpec>> answers = new CopyOnWriteArrayList<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();

  @Override
  public void onEndpoints(List<EndpointSpec> endpoints) {
    answers.add(endpoints);
  }

  @Override
  public void onError(String problem, @Nullable Throwable cause) {
    problems.add(problem);
  }

  /** Every answer, the first one first; it grows. */
  public List<List<EndpointSpec>> answers() {
    return answers;
  }

  /** Every problem, the first one first; it grows. */
  public List<String> problems() {
    return problems;
  }

  /** The last answer, none before the first. */
  public List<EndpointSpec> endpoints() {
    return answers.isEmpty() ? List.of() : answers.get(answers.size() - 1);
  }

  /** The last answer in short: {@code address:port*weight^priority}. */
  public List<String> last() {
    return endpoints().stream()
        .map(e -> e.host() + ":" + e.port() + "*" + e.weight() + "^" + e.priority())
        .toList();
  }
}
