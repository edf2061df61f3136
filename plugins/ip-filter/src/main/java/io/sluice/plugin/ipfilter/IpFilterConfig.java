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
    List<String> allow =
        config
            .strings("allow")
            .describe("addresses and CIDRs that may pass; all others may not")
            .orElse(List.of());
    List<String> deny =
        config
            .strings("deny")
            .describe("addresses and CIDRs that may not pass, whatever allow says")
            .orElse(List.of());
    if (!config.has("allow") && !config.has("deny")) {
      config.problem("", "lets everyone pass", "allow or deny");
    } else if (config.has("allow") && allow.isEmpty()) {
      // An optional ${…} that came out empty must not open the door.
      config.problem("allow", "names nobody", "at least one address or CIDR, or no allow at all");
    } else if (!config.has("allow") && deny.isEmpty()) {
      config.problem("deny", "names nobody, so everyone passes", "at least one address or CIDR");
    }
    return new IpFilterConfig(addresses(config, "allow", allow), addresses(config, "deny", deny));
  }

  private static AddressSet addresses(ConfigSection config, String key, List<String> texts) {
    List<Cidr> cidrs = new ArrayList<>();
    for (String text : texts) {
      try {
        cidrs.add(Cidr.parse(text));
      } catch (IllegalArgumentException e) {
        config.problem(key, String.valueOf(e.getMessage()), Cidr.EXPECTED);
      }
    }
    return AddressSet.of(cidrs);
  }
}
