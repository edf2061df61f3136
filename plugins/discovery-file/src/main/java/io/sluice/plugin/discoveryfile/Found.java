package io.sluice.plugin.discoveryfile;

import io.sluice.api.upstream.EndpointDiscovery.EndpointSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects the endpoints of a file, and everything that is wrong with it, by line. */
final class Found {

  static final String ADDRESS = "host:port or [v6]:port";

  /**
   * What may stand beside an address.
   *
   * @param host what the endpoint calls itself, or null
   */
  record Settings(int weight, @Nullable String zone, int priority, @Nullable String host) {

    static final Settings NONE = new Settings(1, null, 0, null);
  }

  private final String file;
  private final List<EndpointSpec> endpoints = new ArrayList<>();
  private final Map<String, Integer> lines = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  Found(String file) {
    this.file = file;
  }

  void problem(int line, String problem, String expected) {
    problems.add(
        file
            + ":"
            + line
            + ": "
            + problem
            + (expected.isEmpty() ? "" : " (expected: " + expected + ")"));
  }

  /** An endpoint of that line. */
  void add(int line, String address, Settings settings) {
    String host = address;
    int port = -1;
    int colon = address.lastIndexOf(':');
    if (colon > 0 && colon > address.indexOf(']')) {
      host = address.substring(0, colon);
      port = number(address.substring(colon + 1), 1, 65_535);
    }
    boolean brackets = host.startsWith("[") && host.endsWith("]");
    String bare = brackets ? host.substring(1, host.length() - 1) : host;
    if (port < 0 || !bare.matches(brackets ? "[0-9A-Fa-f:.%]+" : "[A-Za-z0-9._-]+")) {
      problem(line, "\"" + address + "\" is not an address", ADDRESS);
      return;
    }
    Integer before = lines.putIfAbsent(bare + " " + port, line);
    if (before != null) {
      problem(line, address + " is there already, in line " + before, "weight for a larger share");
      return;
    }
    endpoints.add(
        new EndpointSpec(bare, port, settings.weight, settings.zone, settings.priority)
            .named(settings.host));
  }

  /** The number that {@code text} is, or -1 when it is none within the bounds. */
  static int number(String text, int min, int max) {
    if (!text.matches("[0-9]{1,6}")) {
      return -1;
    }
    int number = Integer.parseInt(text);
    return number < min || number > max ? -1 : number;
  }

  boolean isEmpty() {
    return endpoints.isEmpty() && problems.isEmpty();
  }

  List<EndpointSpec> orThrow() throws InvalidFile {
    if (!problems.isEmpty()) {
      throw new InvalidFile(problems);
    }
    return endpoints;
  }
}
