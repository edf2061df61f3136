package io.sluice.plugin.discoverydns;

import org.jspecify.annotations.Nullable;

/** A question without an answer: no name server could be asked, or none would say. */
final class LookupFailed extends Exception {

  LookupFailed(String problem, @Nullable Throwable cause) {
    super(problem, cause, false, false);
  }
}
