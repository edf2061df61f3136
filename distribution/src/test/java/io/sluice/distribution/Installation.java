package io.sluice.distribution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The zip, unpacked once for all tests, under a name with a space in it. */
final class Installation {

  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final Path HOME = unpack();

  private Installation() {}

  static Path home() {
    return HOME;
  }

  static Path launcher() {
    return HOME.resolve("bin").resolve("sluice");
  }

  static Path example(String name) {
    return HOME.resolve("conf").resolve("examples").resolve(name);
  }

  private static Path unpack() {
    try {
      Path folder = Files.createDirectories(TARGET.resolve("system tests"));
      Path zip = zip();
      delete(folder);
      Map<String, ?> withPermissions = Map.of("enablePosixFileAttributes", true);
      try (FileSystem inside = FileSystems.newFileSystem(zip, withPermissions)) {
        Path root = inside.getPath("/");
        try (Stream<Path> entries = Files.walk(root)) {
          for (Path entry : (Iterable<Path>) entries::iterator) {
            copy(entry, folder.resolve(root.relativize(entry).toString()));
          }
        }
      }
      try (Stream<Path> unpacked = Files.list(folder)) {
        return unpacked.filter(Files::isDirectory).findFirst().orElseThrow();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path zip() throws IOException {
    try (Stream<Path> files = Files.list(TARGET)) {
      return files
          .filter(file -> file.getFileName().toString().matches("sluice-[0-9].*\\.zip"))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("no zip in " + TARGET));
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    if (Files.isDirectory(from)) {
      Files.createDirectories(to);
      return;
    }
    Files.copy(from, to);
    PosixFileAttributeView inZip = Files.getFileAttributeView(from, PosixFileAttributeView.class);
    Set<PosixFilePermission> permissions = inZip.readAttributes().permissions();
    Files.setPosixFilePermissions(to, permissions);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path path : found.sorted(java.util.Comparator.reverseOrder()).toList()) {
        if (!path.equals(folder)) {
          Files.delete(path);
        }
      }
    }
  }
}
