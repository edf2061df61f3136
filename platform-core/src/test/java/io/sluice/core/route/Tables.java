package io.sluice.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.config.ConfigLoader;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.config.Problems;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Route tables out of configuration texts. */
final class Tables {

  private Tables() {}

  /** The table of {@code text}, the members of a routes list. */
  static RouteTable of(String text) {
    return RouteTable.compile(configs(text));
  }

  static List<RouteConfig> configs(String text) {
    Problems problems = new Problems();
    List<RouteConfig> routes = decode(text, problems);
    assertThat(problems.render()).isEmpty();
    return routes;
  }

  /** The one route of {@code text}. */
  static Route route(String text) {
    RouteTable table = of(text);
    assertThat(table.routes()).hasSize(1);
    return table.routes().get(0);
  }

  /** What is wrong with {@code text}, by line, the first line of the list being 2. */
  static List<String> problems(String text) {
    Problems problems = new Problems();
    decode(text, problems);
    return problems.render();
  }

  private static List<RouteConfig> decode(String text, Problems problems) {
    LocatedSection root =
        ConfigLoader.parse(
            Path.of("sluice.conf"), "routes = [\n" + text + "\n]", Map.of(), problems);
    assertThat(root).as("%s: %s", text, problems.render()).isNotNull();
    List<RouteConfig> routes = RouteConfig.decodeAll(root);
    root.reportUnread();
    return routes;
  }
}
