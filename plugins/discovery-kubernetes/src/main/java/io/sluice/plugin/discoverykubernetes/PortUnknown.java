package io.sluice.plugin.discoverykubernetes;

/** Slices that have no such port, or several where none was named. */
final class PortUnknown extends Exception {

  PortUnknown(String problem) {
    super(problem, null, false, false);
  }
}
