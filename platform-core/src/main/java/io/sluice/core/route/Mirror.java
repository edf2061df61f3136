package io.sluice.core.route;

import io.sluice.core.config.LocatedSection;

/**
 * Copies of a share of a route's requests, whose responses nobody sees. Immutable.
 *
 * @param upstream the name of the upstream that gets them
 * @param share how many of the requests are copied, 0 to 1
 * @param section where it stands, for problems
 */
public record Mirror(String upstream, double share, LocatedSection section) {

  static Mirror decode(LocatedSection section) {
    return new Mirror(
        section.string("upstream").describe("the upstream that gets the copies").required(),
        section.share("share", 100).describe("how many of the requests are copied").orElse(1.0),
        section);
  }

  /**
   * Whether to copy a request.
   *
   * @param random 64 bits, evenly distributed
   */
  public boolean takes(long random) {
    return (random >>> 11) * 0x1.0p-53 < share;
  }
}
