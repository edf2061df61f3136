package io.sluice.core.config;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the name that a misspelt one was probably meant to be. */
public final class DidYouMean {
  private DidYouMean() {}

  /**
   * The candidate closest to {@code typo}, or null when none is close enough to suggest: at most
   * one slip (a letter missing, doubled, wrong, or two swapped) for each three letters, or the one
   * being the start of the other. Case and the choice of {@code -}, {@code _} or neither do not
   * count.
   */
  public static @Nullable String closest(String typo, Collection<String> candidates) {
    String plain = plain(typo);
    String best = null;
    int bestDistance = Integer.MAX_VALUE;
    for (String candidate : candidates) {
      String other = plain(candidate);
      int distance = distance(plain, other);
      if (distance < bestDistance && isClose(plain, other, distance)) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best;
  }

  private static boolean isClose(String typo, String candidate, int distance) {
    int shorter = Math.min(typo.length(), candidate.length());
    boolean begins = shorter >= 4 && (typo.startsWith(candidate) || candidate.startsWith(typo));
    boolean fewSlips = distance <= Math.max(1, Math.max(typo.length(), candidate.length()) / 3);
    return begins || (fewSlips && distance < shorter);
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
  }

  /** Edits between two words, a swap of neighbours counting as one (optimal string alignment). */
  private static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(substitution, Math.min(last[j], row[j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      int[] recycled = beforeLast;
      beforeLast = last;
      last = row;
      row = recycled;
    }
    return last[b.length()];
  }
}
