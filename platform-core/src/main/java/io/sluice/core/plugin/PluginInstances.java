package io.sluice.core.plugin;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The open instances of all generations, each with what it took from the platform. By identity; a
 * factory may hand out one object several times, which then counts as many instances. Thread-safe.
 */
final class PluginInstances {

  private final IdentityHashMap<Object, Deque<PluginScope>> scopes = new IdentityHashMap<>();

  synchronized void add(Object instance, PluginScope scope) {
    scopes.computeIfAbsent(instance, key -> new ArrayDeque<>()).push(scope);
  }

  synchronized @Nullable PluginScope of(Object instance) {
    Deque<PluginScope> found = scopes.get(instance);
    return found == null ? null : found.peek();
  }

  /** Closes an instance and what it took; does nothing for one that is not open. */
  void close(Object instance) {
    PluginScope scope = remove(instance);
    if (scope != null) {
      scope.close(instance);
    }
  }

  private synchronized @Nullable PluginScope remove(Object instance) {
    Deque<PluginScope> found = scopes.get(instance);
    PluginScope scope = found == null ? null : found.poll();
    if (found != null && found.isEmpty()) {
      scopes.remove(instance);
    }
    return scope;
  }
}
