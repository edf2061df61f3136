package io.sluice.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A configuration loaded from text, and what turned out to be wrong with it. */
record Loaded(LocatedSection root, Problems problems) {
  static Loaded of(String text) {
    return of(text, Map.of());
  }

  static Loaded of(String text, Map<String, String> environment) {
    Problems problems = new Problems();
    LocatedSection root =
        ConfigLoader.parse(Path.of("/etc/sluice/test.conf"), text, environment, problems);
    assertThat(root).as("%s", problems.render()).isNotNull();
    return new Loaded(root, problems);
  }

  /** The problems without the file's name. */
  List<String> rendered() {
    return problems.render().stream()
        .map(line -> line.replace("/etc/sluice/test.conf:", ""))
        .toList();
  }
}
