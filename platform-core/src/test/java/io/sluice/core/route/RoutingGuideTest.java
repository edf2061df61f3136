package io.sluice.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.config.ConfigLoader;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.config.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The examples of the guide, as the guide has them. */
class RoutingGuideTest {

  private static final Path GUIDE = Path.of("..", "docs", "routing.md");

  @Test
  void acceptsEveryExample() throws IOException {
    List<String> examples = examples();
    assertThat(examples).hasSize(5);
    for (String example : examples) {
      Problems problems = new Problems();
      LocatedSection root = ConfigLoader.parse(GUIDE, example, Map.of(), problems);
      assertThat(root).as("%s", problems.render()).isNotNull();
      List<RouteConfig> routes = RouteConfig.decodeAll(root);
      root.reportUnread();
      assertThat(problems.render()).isEmpty();
      assertThat(RouteTable.compile(routes).warnings()).isEmpty();
    }
  }

  @Test
  void doesWhatTheFirstExampleSays() throws IOException {
    Problems problems = new Problems();
    LocatedSection root = ConfigLoader.parse(GUIDE, examples().get(0), Map.of(), problems);
    assertThat(root).isNotNull();
    RouteTable table = RouteTable.compile(RouteConfig.decodeAll(root));
    TestRequest users = TestRequest.get("users.com", "/proxy/x?y");
    Route route = table.match(users, users);
    assertThat(route).hasToString("users");
    assertThat(route).isNotNull();
    assertThat(route.target(users, "")).isEqualTo("/x?y");
    TestRequest old = TestRequest.get("b.com", "/old/x");
    Route redirect = table.match(old, old);
    assertThat(redirect).isNotNull();
    assertThat(redirect.destination()).isInstanceOf(Redirect.class);
    assertThat(((Redirect) redirect.destination()).location(old)).isEqualTo("/new/x");
  }

  private static List<String> examples() throws IOException {
    Matcher blocks =
        Pattern.compile("```hocon\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(GUIDE));
    List<String> examples = new ArrayList<>();
    while (blocks.find()) {
      examples.add(blocks.group(1));
    }
    return examples;
  }
}
