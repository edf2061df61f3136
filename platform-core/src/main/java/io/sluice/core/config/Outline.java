package io.sluice.core.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the keys of a configuration stand, over all of its files in the order of reading. Tells
 * what typesafe-config forgets: the order of keys, and the place of a value that comes from the
 * environment.
 */
final class Outline {

  /**
   * A reference to another key or to the environment.
   *
   * @param name what is referred to
   * @param path the key whose value needs it
   */
  record Substitution(String name, boolean optional, String path, Place place) {}

  private final Map<String, Place> places = new HashMap<>();
  private final Map<String, Integer> order = new HashMap<>();
  private final Map<String, Integer> listSizes = new HashMap<>();
  private final List<Substitution> substitutions = new ArrayList<>();
  private final Set<String> secrets = new HashSet<>();

  /** Notes a key that leads to a block, or is one; the first place counts. */
  void block(String path, Place place) {
    places.putIfAbsent(path, place);
    order.putIfAbsent(path, order.size());
  }

  /** Notes a key with a value that replaces an earlier one; the last place counts. */
  void value(String path, Place place) {
    places.put(path, place);
    order.putIfAbsent(path, order.size());
  }

  void substitution(Substitution substitution) {
    substitutions.add(substitution);
    if (Secrets.isSecretPath(substitution.name())) {
      secrets.add(substitution.path());
    }
  }

  void listSize(String path, int size) {
    listSizes.put(path, size);
  }

  /** How many members were noted for the list at {@code path}. */
  int listSize(String path) {
    return listSizes.getOrDefault(path, 0);
  }

  /** The path of the member that {@code +=} adds to the list at {@code path}. */
  String appended(String path) {
    int size = listSize(path);
    listSize(path, size + 1);
    return Paths.item(path, size);
  }

  /** Whether the value at {@code path} refers to something that is secret by its name. */
  boolean refersToSecret(String path) {
    return secrets.contains(path);
  }

  /** Where {@code path} stands, or null when it only exists through a substitution. */
  @Nullable Place place(String path) {
    return places.get(path);
  }

  /** The rank of {@code path} in the files; those not in the files come last. */
  int rank(String path) {
    return order.getOrDefault(path, Integer.MAX_VALUE);
  }

  List<Substitution> substitutions() {
    return substitutions;
  }
}
