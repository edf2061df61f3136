package io.sluice.core.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A table that a document repeats from the code, between two comments. Run the test with {@code
 * -Dsluice.docs=write} to bring the document up to date.
 */
final class DocTable {

  private static final String BEGIN = "<!-- made from the code: begin -->\n";
  private static final String END = "<!-- made from the code: end -->\n";

  private DocTable() {}

  static void check(String document, String table) throws IOException {
    Path file = Path.of("..", "docs", document);
    String text = Files.readString(file);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    assertThat(begin).as("begin of the table in %s", file).isPositive();
    assertThat(end).as("end of the table in %s", file).isGreaterThan(begin);
    if ("write".equals(System.getProperty("sluice.docs"))) {
      text = text.substring(0, begin + BEGIN.length()) + table + text.substring(end);
      Files.writeString(file, text);
      end = text.indexOf(END);
    }
    assertThat(text.substring(begin + BEGIN.length(), end))
        .as("the table in %s; -Dsluice.docs=write writes it", file)
        .isEqualTo(table);
  }
}
