package io.sluice.plugin.consistenthash;

import io.sluice.api.config.ConfigSection;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys that ring and Maglev have in common.
 *
 * @param keys where the key of a request is looked for, in this order; client-ip by default
 * @param bound how many times its share of the requests in flight an endpoint may have, above 1 to
 *     100; infinite for off; 1.5 by default
 */
record HashConfig(List<HashKey> keys, double bound) {

  private static final String BOUND = "150%";
  private static final String BOUND_EXPECTED = "off or a share from 101% to 10000%";
  private static final Pattern SHARE = Pattern.compile("(\\d{1,6}(?:\\.\\d{1,6})?)\\s?%");

  static HashConfig decode(ConfigSection config) {
    return new HashConfig(
        keys(config),
        bound(
            config
                .string("bounded-load")
                .describe(
                    "how much of its share of the requests in flight an endpoint may have; a share"
                        + " above 100% or off")
                .check(text -> bound(text) > 0, BOUND_EXPECTED)
                .orElse(BOUND)));
  }

  private static List<HashKey> keys(ConfigSection config) {
    List<HashKey> keys = new ArrayList<>();
    for (String text :
        config
            .strings("key")
            .describe("what of a request decides its endpoint; of several the first present")
            .check(list -> !list.isEmpty(), HashKey.EXPECTED)
            .orElse(List.of("client-ip"))) {
      try {
        keys.add(HashKey.of(text));
      } catch (IllegalArgumentException e) {
        config.problem("key", String.valueOf(e.getMessage()), HashKey.EXPECTED);
      }
    }
    return List.copyOf(keys);
  }

  /** The factor; 0 for a text that is none. */
  private static double bound(String text) {
    if (text.equals("off")) {
      return Double.POSITIVE_INFINITY;
    }
    Matcher share = SHARE.matcher(text);
    double bound = share.matches() ? Double.parseDouble(share.group(1)) / 100 : 0;
    return bound < 1.01 || bound > 100 ? 0 : bound;
  }
}
