package io.sluice.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.observe.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class AdminApiDocTest {

  private static final Pattern CALL = Pattern.compile("^\\| `((?:GET|POST|PUT|DELETE) /[^`?]*)");

  @Test
  void documentsEveryCallAndNoOther() throws IOException {
    Set<String> documented = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("..", "docs", "admin-api.md"))) {
      Matcher matcher = CALL.matcher(line);
      if (matcher.find()) {
        documented.add(matcher.group(1).replaceAll("\\{[a-z]+}", "*"));
      }
    }

    AdminRoutes routes = new AdminRoutes(new FakeModel(), new MeterRegistry());
    assertThat(documented).containsExactlyInAnyOrderElementsOf(routes.lines());
  }
}
