package io.sluice.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JarCopiesTest {

  private final List<String> warnings = new ArrayList<>();
  @TempDir Path folder;

  private Path jar() throws Exception {
    return Files.writeString(folder.resolve("a.jar"), "not looked into");
  }

  private static Path agedBy(Duration age, Path directory) throws Exception {
    FileTime then = FileTime.from(Instant.now().minus(age));
    return Files.setLastModifiedTime(directory, then);
  }

  private static Path leftBehind() throws Exception {
    Path directory = Files.createTempDirectory("sluice-plugins-");
    Files.createDirectory(directory.resolve("0"));
    Files.writeString(directory.resolve("0").resolve("x.jar"), "x");
    Files.writeString(directory.resolve("in-use"), "");
    return directory;
  }

  @Test
  void deletesWhatAKilledProcessLeft() throws Exception {
    Path left = agedBy(Duration.ofMinutes(2), leftBehind());
    JarCopies.of(List.of(jar()), warnings::add).delete(warnings::add);
    assertThat(left).doesNotExist();
    assertThat(warnings).isEmpty();
  }

  @Test
  void leavesWhatIsInUseOrBeingMade() throws Exception {
    JarCopies inUse = JarCopies.of(List.of(jar()), warnings::add);
    agedBy(Duration.ofMinutes(2), inUse.directory());
    Path young = leftBehind();
    JarCopies.of(List.of(jar()), warnings::add).delete(warnings::add);
    assertThat(inUse.directory()).exists();
    assertThat(inUse.origins().keySet()).allMatch(Files::exists);
    assertThat(young).exists();
    inUse.delete(warnings::add);
    assertThat(inUse.directory()).doesNotExist();

    agedBy(Duration.ofMinutes(2), young);
    JarCopies.of(List.of(jar()), warnings::add).delete(warnings::add);
    assertThat(young).doesNotExist();
    assertThat(warnings).isEmpty();
  }
}
