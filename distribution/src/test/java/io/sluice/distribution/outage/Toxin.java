package io.sluice.distribution.outage;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.model.Toxic;
import eu.rekawek.toxiproxy.model.ToxicDirection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Something that breaks a proxy's traffic, as the table writes it: {@code latency 200~50
 * downstream}, {@code limit_data 20 upstream}, or {@code down} for a proxy that takes no connection
 * and breaks those it had. Upstream is the way to the endpoint, downstream the way back.
 *
 * @param name Toxiproxy's name
 * @param value its main attribute: milliseconds, KB/s or octets
 * @param spread what follows a tilde: jitter in milliseconds, or the variation of a slice
 */
record Toxin(String name, long value, long spread, ToxicDirection direction) {

  private static final String DOWN = "down";
  private static final Pattern TEXT =
      Pattern.compile("([a-z_]+) (\\d+)(?:~(\\d+))? (upstream|downstream)");

  /** Microseconds between two slices. */
  private static final long SLICE_DELAY = 500;

  static Toxin parse(String text) {
    if (text.equals(DOWN)) {
      return new Toxin(DOWN, 0, 0, ToxicDirection.DOWNSTREAM);
    }
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("no toxic: " + text);
    }
    return new Toxin(
        matcher.group(1),
        Long.parseLong(matcher.group(2)),
        matcher.group(3) == null ? 0 : Long.parseLong(matcher.group(3)),
        ToxicDirection.valueOf(matcher.group(4).toUpperCase(Locale.ROOT)));
  }

  /** Those of a pair are joined by a plus sign. */
  static List<Toxin> parseAll(String text) {
    List<Toxin> toxins = new ArrayList<>();
    for (String each : text.split(" \\+ ")) {
      toxins.add(parse(each.strip()));
    }
    return toxins;
  }

  void strike(Proxy proxy) throws IOException {
    if (name.equals(DOWN)) {
      proxy.disable();
    } else {
      add(proxy);
    }
  }

  private Toxic add(Proxy proxy) throws IOException {
    String label = name + "-" + direction.name().toLowerCase(Locale.ROOT);
    return switch (name) {
      case "latency" -> proxy.toxics().latency(label, direction, value).setJitter(spread);
      case "bandwidth" -> proxy.toxics().bandwidth(label, direction, value);
      case "slow_close" -> proxy.toxics().slowClose(label, direction, value);
      case "timeout" -> proxy.toxics().timeout(label, direction, value);
      case "reset_peer" -> proxy.toxics().resetPeer(label, direction, value);
      case "slicer" ->
          proxy.toxics().slicer(label, direction, value, SLICE_DELAY).setSizeVariation(spread);
      case "limit_data" -> proxy.toxics().limitData(label, direction, value);
      default -> throw new IllegalArgumentException("no toxic: " + name);
    };
  }
}
