package io.sluice.core.boot;

import java.util.List;

/**
 * What became of a reload.
 *
 * @param generation the one that serves now
 * @param changes what the new configuration changed, for people; empty when nothing or refused
 * @param problems why it was refused; empty when it was taken
 */
public record ReloadResult(long generation, List<String> changes, List<String> problems) {

  /** Whether the new configuration serves. */
  public boolean ok() {
    return problems.isEmpty();
  }
}
