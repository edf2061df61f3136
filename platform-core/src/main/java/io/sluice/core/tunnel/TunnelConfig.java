package io.sluice.core.tunnel;

import io.sluice.api.config.ConfigValue;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a listener sends connections whose octets pass unread.
 *
 * @param peeks whether the server name of the TLS handshake decides; else there is one target
 * @param targets the first that matches takes the connection
 * @param idle how long both sides may be silent
 * @param handshake how long a client may take to send its ClientHello
 */
public record TunnelConfig(boolean peeks, List<Target> targets, Duration idle, Duration handshake) {

  /**
   * One target.
   *
   * @param pattern a server name, {@code *.example.com} or {@code *}
   * @param element where the upstream is named, for messages
   */
  public record Target(String pattern, String upstream, Element element) {}

  private static final Set<String> SHARED = Set.of("http2", "auto");
  private static final String ANY = "*";
  private static final String NAMES = "a.example.com, *.example.com or *";

  /** Which keys a listener has to have. */
  public enum Kind {
    /** None of them. */
    NONE,
    /** {@code upstream}. */
    TCP,
    /** {@code sni}. */
    PASSTHROUGH
  }

  /**
   * Reads the keys of a listener.
   *
   * @param idle how long both sides may be silent
   * @param handshake how long a ClientHello may take
   * @return null for {@link Kind#NONE}
   */
  public static @Nullable TunnelConfig decode(
      LocatedSection config, Kind kind, Duration idle, Duration handshake) {
    ConfigValue<Element> upstream =
        config.element("upstream").describe("where connections go; for protocol = tcp");
    ConfigValue<List<Element>> sni =
        config
            .elements("sni")
            .describe("where a server name goes, the first wins; for protocol = tls-passthrough");
    List<Target> names = targets(kind == Kind.PASSTHROUGH ? sni.required() : sni.orElse(List.of()));
    if (kind != Kind.PASSTHROUGH && config.has("sni")) {
      config.problem("sni", "belongs to protocol = tls-passthrough", "no such key");
    }
    if (kind == Kind.TCP) {
      return new TunnelConfig(false, List.of(target(ANY, upstream.required())), idle, handshake);
    }
    if (upstream.optional().isPresent() && config.has("upstream")) {
      String hint = kind == Kind.NONE ? "protocol = tcp, or a route" : "an entry of sni";
      config.problem("upstream", "belongs to protocol = tcp", hint);
    }
    return kind == Kind.NONE ? null : new TunnelConfig(true, names, idle, handshake);
  }

  private static List<Target> targets(List<Element> elements) {
    List<Target> targets = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Element element : elements) {
      if (!element.isSection()) {
        element.problem("not a block", "{ host = \"a.example.com\", upstream = a }");
        continue;
      }
      Target target = decode(element.section());
      if (seen.contains(ANY)) {
        element.problem("never reached: an entry before it takes every name", "\"*\" at the end");
      } else if (!seen.add(target.pattern())) {
        element.problem("\"" + target.pattern() + "\" is there twice", "each name once");
      }
      targets.add(target);
    }
    return List.copyOf(targets);
  }

  private static Target decode(LocatedSection config) {
    String host =
        config
            .string("host")
            .describe("the name asked for: " + NAMES)
            .check(TunnelConfig::isPattern, NAMES)
            .required()
            .toLowerCase(Locale.ROOT);
    return target(host, config.element("upstream").describe("where it goes").required());
  }

  private static boolean isPattern(String host) {
    return host.equals(ANY) || host.matches("(\\*\\.)?[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
  }

  private static Target target(String pattern, Element element) {
    if (element.isList() || element.isSection()) {
      element.problem("not a name", "the name of an upstream");
    }
    return new Target(pattern, element.text(), element);
  }

  /**
   * Says of each name whether there is such an upstream. It may be one that routes use as well: its
   * endpoints are then sent octets and not requests. Not one whose connections are shared, though:
   * they are none that octets could pass through.
   *
   * @param protocols what each upstream is said to speak, by name
   */
  public void checkNames(Map<String, String> protocols) {
    for (Target target : targets) {
      if (!target.element().isText()) {
        continue;
      }
      String name = target.upstream();
      String protocol = protocols.get(name);
      if (protocol == null) {
        target.element().unknown("unknown upstream \"" + name + "\"", protocols.keySet());
      } else if (SHARED.contains(protocol)) {
        target
            .element()
            .problem(
                "upstream \"" + name + "\" has protocol = " + protocol,
                "an upstream with protocol = tcp");
      }
    }
  }
}
