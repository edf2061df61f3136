package io.sluice.core.upstream;

import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of an upstream as configured.
 *
 * @param weight 1 to 65,535
 * @param zone or null
 * @param priority 0 serves first; {@code backup = true} is 1
 * @param name what it calls itself, in lower case; null for the host of its address
 */
public record EndpointConfig(
    EndpointAddress address,
    int weight,
    @Nullable String zone,
    int priority,
    @Nullable String name) {

  /** The last level. */
  public static final int MAX_PRIORITY = 127;

  static final EndpointAddress NOWHERE = new EndpointAddress("", 1, "");

  /** An endpoint that is called as its host is. */
  public EndpointConfig(EndpointAddress address, int weight, @Nullable String zone, int priority) {
    this(address, weight, zone, priority, null);
  }

  static EndpointConfig decode(Element element) {
    if (element.isText()) {
      return new EndpointConfig(parse(element), 1, null, 0);
    }
    if (!element.isSection()) {
      element.problem("not an endpoint", EndpointAddress.EXPECTED);
      return new EndpointConfig(NOWHERE, 1, null, 0);
    }
    return decode(element.section());
  }

  private static EndpointAddress parse(Element element) {
    try {
      return EndpointAddress.parse(element.text());
    } catch (IllegalArgumentException e) {
      element.problem("\"" + element.text() + "\": " + e.getMessage(), EndpointAddress.EXPECTED);
      return NOWHERE;
    }
  }

  private static EndpointConfig decode(LocatedSection config) {
    EndpointAddress address =
        config
            .string("address")
            .describe("host and port, URL with a base path, or unix:/path")
            .map(EndpointAddress::parse, EndpointAddress.EXPECTED, NOWHERE)
            .required();
    int weight =
        config
            .integer("weight", 1, 65_535)
            .describe("share of the traffic relative to the other endpoints")
            .orElse(1L)
            .intValue();
    String zone =
        config.string("zone").describe("where the endpoint stands").optional().orElse(null);
    boolean backup =
        config
            .flag("backup")
            .describe("whether it serves only while no other endpoint can")
            .orElse(false);
    String name =
        config
            .string("host")
            .describe(
                "what the endpoint calls itself: Host under rewrite.host = upstream, and the name"
                    + " that its certificate must have; default: the host of its address")
            .check(EndpointDiscovery.EndpointSpec::isName, "a host name without a port")
            .optional()
            .orElse(null);
    return new EndpointConfig(
        address,
        weight,
        zone,
        priority(config, backup),
        name == null ? null : name.toLowerCase(Locale.ROOT));
  }

  private static int priority(LocatedSection config, boolean backup) {
    int priority =
        config
            .integer("priority", 0, MAX_PRIORITY)
            .describe("endpoints of a higher number serve only while none of a lower one can")
            .orElse(backup ? 1L : 0L)
            .intValue();
    if (config.has("backup") && backup != priority > 0) {
      config.problem("backup", "contradicts priority = " + priority, "one of the two");
    }
    return priority;
  }
}
