package io.sluice.api.signatures;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One of each thing that {@link ApiSignatures} must render. */
public interface Sample<T extends Number> extends Iterable<T> {
  int LIMIT = 1;

  static List<?> all() {
    return List.of();
  }

  <E extends Exception> void fail(Class<E> kind) throws E;

  Map<String, ? extends @Nullable T> sparse(byte @Nullable [] content, int... more);

  default boolean ready() {
    return true;
  }
}
