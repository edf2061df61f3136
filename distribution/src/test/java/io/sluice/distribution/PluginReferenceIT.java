package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/plugin-reference.md} lists the keys that the plugins of the zip read. Run with {@code
 * -Dsluice.docs=write} to bring it up to date.
 */
class PluginReferenceIT {

  private static final Path DOCUMENT = Path.of("..", "docs", "plugin-reference.md");
  private static final String BEGIN = "<!-- made by `sluice plugins --markdown`: begin -->\n";

  @Test
  void listsTheKeysOfEveryPluginOfTheZip() throws IOException {
    Command plugins = Command.sluice("plugins", "--markdown");
    assertThat(plugins.exitCode()).as(plugins.text()).isZero();
    assertThat(plugins.err()).isEmpty();
    String made = String.join("\n", plugins.out()) + "\n";
    String text = Files.readString(DOCUMENT);
    assertThat(text).contains(BEGIN);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    if ("write".equals(System.getProperty("sluice.docs"))) {
      text = text.substring(0, begin) + made;
      Files.writeString(DOCUMENT, text);
    }
    assertThat(text.substring(begin))
        .as("%s; -Dsluice.docs=write writes it", DOCUMENT)
        .isEqualTo(made);
  }
}
