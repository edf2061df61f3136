package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.config.KeyDoc;
import io.sluice.core.config.KeyRecorder;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.upstream.UpstreamConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/config-reference.md} says what the core reads. Run with {@code -Dsluice.docs=write}
 * to bring it up to date.
 */
class ConfigReferenceTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "config-reference.md");
  private static final String BEGIN = "<!-- made from the code: begin -->\n";
  private static final String END = "<!-- made from the code: end -->\n";

  @Test
  void theReferenceListsTheKeysThatAreRead() throws IOException {
    String text = Files.readString(DOCUMENT);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    int end = text.indexOf(END);
    assertThat(end).as("the part made from the code in %s", DOCUMENT).isGreaterThanOrEqualTo(begin);
    String tables = tables(keys());
    if ("write".equals(System.getProperty("sluice.docs"))) {
      text = text.substring(0, begin) + tables + text.substring(end);
      Files.writeString(DOCUMENT, text);
      end = text.indexOf(END);
    }
    assertThat(text.substring(begin, end))
        .as("%s; -Dsluice.docs=write writes it", DOCUMENT)
        .isEqualTo(tables);
  }

  @Test
  void everyKeySaysWhatItMeans() {
    assertThat(keys()).filteredOn(key -> key.meaning().isEmpty()).isEmpty();
  }

  private static List<KeyDoc> keys() {
    return KeyRecorder.record(
        section ->
            RootConfig.decode(LocatedSection.of(section))
                .upstreams()
                .forEach((name, upstream) -> UpstreamConfig.decode(name, upstream, null)));
  }

  private static String tables(List<KeyDoc> keys) {
    StringBuilder out = new StringBuilder();
    String block = "";
    for (KeyDoc key : keys) {
      String top = key.path().split("[.\\[]", 2)[0];
      if (!top.equals(block)) {
        block = top;
        out.append("\n## ").append(top).append("\n\n");
        out.append("| key | takes | default | meaning |\n|---|---|---|---|\n");
      }
      out.append("| `").append(key.path()).append("` | ").append(cell(key.type())).append(" | ");
      out.append(fallback(key)).append(" | ").append(cell(key.meaning())).append(" |\n");
    }
    return out.append('\n').toString();
  }

  private static String fallback(KeyDoc key) {
    if (key.required()) {
      return "required";
    }
    return key.fallback().isEmpty() ? "" : "`" + cell(key.fallback()) + "`";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
