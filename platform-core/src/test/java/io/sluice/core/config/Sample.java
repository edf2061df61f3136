package io.sluice.core.config;

import io.sluice.api.config.ConfigSection;
import java.util.List;
import java.util.Map;

/** Reads a block with a key for each kind of read; the golden files are written for it. */
final class Sample {
  enum Colour {
    RED,
    DARK_GREEN,
    BLUE
  }

  private Sample() {}

  static void read(LocatedSection root) {
    root.string("name").describe("what it is called").orElse("sample");
    root.flag("flag").describe("whether").orElse(true);
    root.integer("count", 1, 10).describe("how many").orElse(3L);
    root.integer("port", 0, 65_535).describe("which port").orElse(80L);
    root.number("ratio", 0, 1).describe("how much").orElse(0.5);
    root.share("share", 100).describe("which part").orElse(0.2);
    root.duration("interval").describe("how often").orElse(java.time.Duration.ofSeconds(5));
    root.timeout("timeout").describe("how long").orElse(ConfigSection.OFF);
    root.size("size").describe("how large").orElse(65_536L);
    root.sizeBound("size-bound").describe("how large at most").orElse(ConfigSection.UNLIMITED);
    root.bound("bound", 1).describe("how many at most").orElse(ConfigSection.UNLIMITED);
    root.choice("colour", Colour.class).describe("which one").orElse(Colour.RED);
    root.strings("texts").describe("several").orElse(List.of());
    root.file("file").describe("where").optional();
    root.string("token").describe("the secret").check(t -> t.length() >= 8, "8 or more").optional();
    root.integer("pass-token", 0, 9).describe("another secret").optional();
    root.section("probe").describe("how to probe").optional().ifPresent(Sample::probe);
    root.section("headers")
        .describe("which to set")
        .optional()
        .ifPresent(h -> h.entries().required());
    root.section("upstreams").describe("where to").optional().ifPresent(Sample::upstreams);
    LocatedSection.of(root).elements("routes").describe("which way").orElse(List.of()).stream()
        .filter(Element::isSection)
        .map(Element::section)
        .forEach(Sample::route);
    access(root.element("access-log").describe("off, or a block").optional().orElse(null));
  }

  private static void access(@org.jspecify.annotations.Nullable Element log) {
    if (log != null && log.isText() && !log.text().equals("off")) {
      log.unknown("unknown word " + Secrets.shown(log.text()), List.of("off"));
    } else if (log != null && log.isSection()) {
      log.section().string("to").describe("where to").required();
    }
  }

  private static void probe(ConfigSection probe) {
    probe.duration("interval").describe("time between probes").required();
    probe
        .duration("timeout")
        .describe("time for one probe")
        .orElse(java.time.Duration.ofSeconds(2));
    probe
        .string("path")
        .describe("what to ask for")
        .check(p -> p.startsWith("/"), "a path")
        .required();
  }

  private static void upstreams(ConfigSection upstreams) {
    for (Map.Entry<String, ConfigSection> named : upstreams.named().required().entrySet()) {
      named.getValue().strings("endpoints").describe("its addresses").required();
      named.getValue().string("protocol").describe("how it talks").orElse("http1");
    }
  }

  private static void route(LocatedSection route) {
    route.string("to").describe("the upstream").optional();
    route.strings("methods").describe("the methods").orElse(List.of());
    route.elements("middleware").describe("the chain").orElse(List.of());
  }
}
