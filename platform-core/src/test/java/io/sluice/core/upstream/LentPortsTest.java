package io.sluice.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LentPortsTest {

  @TempDir private Path folder;

  private LentPorts saying(String text) throws IOException {
    return LentPorts.of(Files.writeString(folder.resolve("range"), text));
  }

  @Test
  void areThoseFromTheFirstToTheLast() throws IOException {
    LentPorts lent = saying("32768\t60999\n");
    assertThat(lent.contains(32_767)).isFalse();
    assertThat(lent.contains(32_768)).isTrue();
    assertThat(lent.contains(60_999)).isTrue();
    assertThat(lent.contains(61_000)).isFalse();
  }

  @Test
  void areAnyWhereTheSystemDoesNotSay() throws IOException {
    LentPorts any = new LentPorts(0, 65_535);
    assertThat(saying("")).isEqualTo(any);
    assertThat(saying("32768")).isEqualTo(any);
    assertThat(saying("from here to there")).isEqualTo(any);
    assertThat(LentPorts.of(folder.resolve("none"))).isEqualTo(any);
  }
}
