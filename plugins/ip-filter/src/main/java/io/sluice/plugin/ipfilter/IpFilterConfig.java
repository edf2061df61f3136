package io.sluice.plugin.ipfilter;

import io.sluice.api.config.ConfigSection;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys of {@code ip-filter}.
 *
 * @param allow who may pass; empty for everyone that {@code deny} does not name
 * @param deny who may not, even when {@code allow} names them
 */
record IpFilterConfig(AddressSet allow, AddressSet deny) {

  static IpFilterConfig decode(ConfigSection config) {
    IpFilterConfig decoded =
        new IpFilterConfig(
            addresses(config, "allow", "addresses and CIDRs that may pass; all others may not"),
            addresses(
                config, "deny", "addresses and CIDRs that may not pass, whatever allow says"));
    if (!config.has("allow") && !config.has("deny")) {
      config.problem("", "lets everyone pass", "allow or deny");
    } else if (config.has("allow") && decoded.allow.isEmpty()) {
      // An optional ${…} that came out empty must not open the door.
      config.problem("allow", "names nobody", "at least one address or CIDR, or no allow at all");
    } else if (!config.has("allow") && decoded.deny.isEmpty()) {
      config.problem("deny", "names nobody, so everyone passes", "at least one address or CIDR");
    }
    return decoded;
  }

  private static AddressSet addresses(ConfigSection config, String key, String meaning) {
    List<Cidr> cidrs = new ArrayList<>();
    for (String text : config.strings(key).describe(meaning).orElse(List.of())) {
      try {
        cidrs.add(Cidr.parse(text));
      } catch (IllegalArgumentException e) {
        config.problem(key, String.valueOf(e.getMessage()), Cidr.EXPECTED);
      }
    }
    return AddressSet.of(cidrs);
  }
}
