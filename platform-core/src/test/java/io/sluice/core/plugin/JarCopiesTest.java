package io.sluice.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
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

  /** Run as a process: 0 where it can take the lock of the given file, 1 where another has it. */
  static final class Locker {
    public static void main(String[] file) throws Exception {
      try (FileChannel channel = FileChannel.open(Path.of(file[0]), StandardOpenOption.WRITE)) {
        System.exit(channel.tryLock() != null ? 0 : 1);
      }
    }
  }

  private static int lockedBy(Path file) throws Exception {
    String classes =
        Path.of(Locker.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .toString();
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classes,
                Locker.class.getName(),
                file.toString())
            .inheritIO()
            .start();
    assertThat(other.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return other.exitValue();
  }

  @Test
  void otherProcessesSeeWhatIsInUseThoughMoreCopiesWereMadeSince() throws Exception {
    JarCopies inUse = JarCopies.of(List.of(jar()), warnings::add);
    Path lock = inUse.directory().resolve("in-use");
    agedBy(Duration.ofMinutes(2), inUse.directory());
    JarCopies.of(List.of(jar()), warnings::add).delete(warnings::add);
    assertThat(lockedBy(lock)).isEqualTo(1);
    inUse.delete(warnings::add);
    Path free = leftBehind().resolve("in-use");
    assertThat(lockedBy(free)).isZero();
    agedBy(Duration.ofMinutes(2), free.getParent());
    assertThat(warnings).isEmpty();
  }

  @Test
  void whatOthersDeleteMeanwhileIsNoTrouble() throws Exception {
    List<String> heard = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 20; i++) {
      Path left = agedBy(Duration.ofMinutes(2), leftBehind());
      CyclicBarrier together = new CyclicBarrier(2);
      CompletableFuture<Void> owner =
          CompletableFuture.runAsync(
              () -> {
                try {
                  together.await();
                  Files.delete(left.resolve("0").resolve("x.jar"));
                  Files.delete(left.resolve("0"));
                  Files.delete(left.resolve("in-use"));
                  Files.delete(left);
                } catch (NoSuchFileException e) {
                  // the other was first
                } catch (Exception e) {
                  throw new CompletionException(e);
                }
              });
      together.await();
      JarCopies.of(List.of(jar()), heard::add).delete(heard::add);
      owner.get(10, TimeUnit.SECONDS);
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void whereNoCopyCanBeMadeNothingIsLeft() throws Exception {
    List<Path> jars = List.of(jar(), folder.resolve("none.jar"));
    JarCopies inPlace = JarCopies.of(jars, warnings::add);
    assertThat(inPlace.origins().keySet()).containsExactlyElementsOf(jars);
    assertThat(inPlace.directory()).isNull();
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("no private copy", "NoSuchFileException", "none.jar");
  }
}
