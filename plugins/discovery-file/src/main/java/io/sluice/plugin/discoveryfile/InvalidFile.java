package io.sluice.plugin.discoveryfile;

import java.util.List;

/** A file that says no endpoints that could be believed. */
final class InvalidFile extends Exception {

  /** Problems told at once; more are counted. */
  private static final int TOLD = 5;

  InvalidFile(List<String> problems) {
    super(text(problems), null, false, false);
  }

  private static String text(List<String> problems) {
    String told = String.join("; ", problems.subList(0, Math.min(TOLD, problems.size())));
    int more = problems.size() - TOLD;
    return more > 0 ? told + "; and " + more + " more" : told;
  }
}
