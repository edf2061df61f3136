package io.sluice.plugin.accesslogjson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.api.config.ConfigSection;
import io.sluice.plugin.testkit.FakeClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatingFileTest {

  @TempDir Path folder;

  private final FakeClock clock = new FakeClock();
  private Path file = Path.of("");

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("logs/access.log");
  }

  @Test
  void makesItsFolderAndAppends() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "old\n");

    try (RotatingFile log = log(ConfigSection.UNLIMITED, 1)) {
      write(log, "new\n");
    }

    assertThat(file).hasContent("old\nnew\n");
  }

  @Test
  void opensNothingBeforeTheFirstLine() throws IOException {
    try (RotatingFile log = log(ConfigSection.UNLIMITED, 1)) {
      assertThat(log).isNotNull();
      assertThat(file).doesNotExist();
    }
  }

  @Test
  void putsAFullFileAsideAndKeepsSome() throws IOException {
    try (RotatingFile log = log(8, 2)) {
      for (String text : new String[] {"1111\n", "2222\n", "3333\n", "4444\n"}) {
        write(log, text);
      }
    }

    assertThat(file).hasContent("4444\n");
    assertThat(aside(1)).hasContent("3333\n");
    assertThat(aside(2)).hasContent("2222\n");
    assertThat(aside(3)).doesNotExist();
  }

  @Test
  void keepsNoneWhenToldSo() throws IOException {
    try (RotatingFile log = log(8, 0)) {
      write(log, "1111\n");
      write(log, "2222\n");
    }

    assertThat(file).hasContent("2222\n");
    assertThat(aside(1)).doesNotExist();
  }

  @Test
  void countsWhatWasThereBefore() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "1234567\n");

    try (RotatingFile log = log(8, 1)) {
      write(log, "new\n");
    }

    assertThat(file).hasContent("new\n");
    assertThat(aside(1)).hasContent("1234567\n");
  }

  @Test
  void doesNotTearALineThatComesInPieces() throws IOException {
    try (RotatingFile log = log(8, 1)) {
      write(log, "one\ntwo");
      write(log, "two\n");
      write(log, "three\n");
    }

    assertThat(aside(1)).hasContent("one\ntwotwo\n");
    assertThat(file).hasContent("three\n");
  }

  @Test
  void beginsAnewWhenSomeoneMovedTheFile() throws IOException {
    try (RotatingFile log = log(ConfigSection.UNLIMITED, 1)) {
      write(log, "before\n");
      Files.move(file, aside(9));
      clock.advance(Duration.ofSeconds(1));
      write(log, "after\n");
    }

    assertThat(aside(9)).hasContent("before\n");
    assertThat(file).hasContent("after\n");
  }

  @Test
  void tellsWhenItCannotWriteAndTriesAgain() throws IOException {
    Files.createDirectories(file);
    try (RotatingFile log = log(ConfigSection.UNLIMITED, 1)) {
      assertThatThrownBy(() -> write(log, "lost\n")).isInstanceOf(IOException.class);
      Files.delete(file);
      write(log, "kept\n");
    }

    assertThat(file).hasContent("kept\n");
  }

  private RotatingFile log(long maxBytes, int keep) {
    return new RotatingFile(file, maxBytes, keep, clock.ticker());
  }

  private Path aside(int number) {
    return file.resolveSibling("access.log." + number);
  }

  private static void write(RotatingFile log, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    log.write(bytes, 0, bytes.length);
  }
}
