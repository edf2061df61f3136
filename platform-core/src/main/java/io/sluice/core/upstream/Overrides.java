package io.sluice.core.upstream;

import io.sluice.core.upstream.EndpointState.Admin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What operators changed at run time, laid over the endpoints that the configuration or discovery
 * names: their word counts for as long as the upstream's block stands as it is. That an endpoint is
 * disabled or drained is remembered even while discovery does not name it, and by successors.
 * Guarded by its upstream.
 */
final class Overrides {

  private final Map<String, EndpointConfig> put = new LinkedHashMap<>();
  private final Set<String> removed = new HashSet<>();
  private final Map<String, Admin> wishes = new LinkedHashMap<>();

  void put(EndpointConfig endpoint) {
    String id = endpoint.address().id();
    removed.remove(id);
    put.put(id, endpoint);
  }

  void remove(String id) {
    put.remove(id);
    wishes.remove(id);
    removed.add(id);
  }

  void wish(String id, Admin wish) {
    if (wish == Admin.ENABLED) {
      wishes.remove(id);
    } else {
      wishes.put(id, wish);
    }
  }

  Admin wish(String id) {
    return wishes.getOrDefault(id, Admin.ENABLED);
  }

  /** Takes over what was wished at a predecessor. */
  void inherit(Overrides other) {
    wishes.putAll(other.wishes);
  }

  /** Forgets wishes for endpoints that nothing will ever name again. */
  void retainWishes(Set<String> ids) {
    wishes.keySet().retainAll(ids);
  }

  /** The endpoints that there are, given those that are {@code named}. */
  List<EndpointConfig> over(List<EndpointConfig> named) {
    Map<String, EndpointConfig> added = new LinkedHashMap<>(put);
    List<EndpointConfig> result = new ArrayList<>();
    for (EndpointConfig endpoint : named) {
      String id = endpoint.address().id();
      if (!removed.contains(id)) {
        EndpointConfig changed = added.remove(id);
        result.add(changed == null ? endpoint : changed);
      }
    }
    result.addAll(added.values());
    return result;
  }
}
