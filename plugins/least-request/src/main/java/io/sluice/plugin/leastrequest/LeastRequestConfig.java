package io.sluice.plugin.leastrequest;

import io.sluice.api.config.ConfigSection;

/**
 * The keys of {@code least-request}.
 *
 * @param choices endpoints drawn and compared for each attempt, 2 to 16; 2 by default
 * @param bias how much requests in flight count against weight, 0 (not at all) to 10; 1 by default
 */
record LeastRequestConfig(int choices, double bias) {

  static LeastRequestConfig decode(ConfigSection config) {
    return new LeastRequestConfig(
        config
            .integer("choices", 2, 16)
            .describe("endpoints drawn by weight and compared for each attempt")
            .orElse(2L)
            .intValue(),
        config
            .number("bias", 0, 10)
            .describe("exponent of the requests in flight; 0 balances by weight alone")
            .orElse(1.0));
  }
}
