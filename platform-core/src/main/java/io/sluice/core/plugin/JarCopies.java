package io.sluice.core.plugin;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.zip.Adler32;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A private copy of some jars, for one class loader. A class loader reads its jars for as long as
 * it lives, so one that is overwritten in place, as {@code cp} does, would break the plugins of a
 * generation that still runs. Where no copy can be made (a container with a read-only file system,
 * in which nothing can be overwritten either) the jars are loaded from where they are.
 *
 * @param directory holds the copies, deleted by {@link #delete}; null when loaded in place
 * @param lock held for as long as the copies are used, so that others see that they are
 * @param origins each jar as loaded, in order, with the one the user sees
 */
record JarCopies(@Nullable Path directory, @Nullable FileChannel lock, Map<Path, Path> origins) {

  private static final String PREFIX = "sluice-plugins-";
  private static final String LOCK = "in-use";

  /**
   * The copies of this process. Nothing else may open their locks: whoever closes a file gives up
   * all locks that its process holds on it (fcntl_locking(2)).
   */
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

  static JarCopies of(List<Path> jars, Consumer<String> warnings) {
    Map<Path, Path> origins = new LinkedHashMap<>();
    Path directory = null;
    FileChannel lock = null;
    try {
      directory = Files.createTempDirectory(PREFIX);
      OURS.add(directory);
      sweep(directory, warnings);
      lock = FileChannel.open(directory.resolve(LOCK), CREATE_NEW, WRITE);
      lock.lock();
      directory.toFile().deleteOnExit();
      directory.resolve(LOCK).toFile().deleteOnExit();
      for (Path jar : jars) {
        // A folder each: two directories may hold jars of one name, and the name shows in errors.
        Path place = Files.createDirectory(directory.resolve(String.valueOf(origins.size())));
        Path copy = Files.copy(jar, place.resolve(jar.getFileName())).toRealPath();
        // At exit in the reverse of this order, where the last instance was not closed before.
        List.of(place, copy).forEach(path -> path.toFile().deleteOnExit());
        origins.put(copy, jar);
      }
      return new JarCopies(directory, lock, origins);
    } catch (IOException e) {
      warnings.accept(
          "no private copy of plugin jars can be made, so they must not be overwritten while in"
              + " use: "
              + e);
      new JarCopies(directory, lock, origins).delete(warnings);
      Map<Path, Path> inPlace = new LinkedHashMap<>();
      jars.forEach(jar -> inPlace.put(jar, jar));
      return new JarCopies(null, null, inPlace);
    }
  }

  /**
   * Deletes what processes left that were killed: their copies, which nobody holds the lock of. One
   * that is made at this moment has no lock yet and is younger than a minute. Any that its owner or
   * another process deletes meanwhile is gone as well.
   */
  private static void sweep(Path own, Consumer<String> warnings) {
    Instant recent = Instant.now().minus(Duration.ofMinutes(1));
    try (DirectoryStream<Path> all = Files.newDirectoryStream(own.getParent(), PREFIX + "*")) {
      for (Path directory : all) {
        if (!OURS.contains(directory)) {
          sweepOne(directory, recent, warnings);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      warnings.accept("copies that killed processes left are not deleted: " + e);
    }
  }

  private static void sweepOne(Path directory, Instant recent, Consumer<String> warnings) {
    try {
      if (Files.getLastModifiedTime(directory).toInstant().isBefore(recent)
          && isLeft(directory.resolve(LOCK))) {
        deleteTree(directory, warnings);
      }
    } catch (NoSuchFileException e) {
      // deleted meanwhile
    } catch (IOException e) {
      warnings.accept("cannot tell whether " + directory + " is in use: " + e);
    }
  }

  private static boolean isLeft(Path file) throws IOException {
    if (!Files.isWritable(file)) {
      return false; // somebody else's
    }
    try (FileChannel channel = FileChannel.open(file, WRITE)) {
      return channel.tryLock() != null;
    }
  }

  /**
   * The same for two lists of jars of the same names and octets. Reads them all. Checksums, as a
   * change is to be noticed and nobody to be kept out: a digest of the ten megabytes that the zip
   * brings took ten times as long, at every start.
   */
  static String contentId(List<Path> jars) throws IOException {
    CRC32 crc = new CRC32();
    Adler32 adler = new Adler32();
    byte[] buffer = new byte[1 << 16];
    for (Path jar : jars) {
      byte[] head = (jar + "\n" + Files.size(jar) + "\n").getBytes(StandardCharsets.UTF_8);
      crc.update(head, 0, head.length);
      adler.update(head, 0, head.length);
      try (InputStream in = Files.newInputStream(jar)) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          crc.update(buffer, 0, n);
          adler.update(buffer, 0, n);
        }
      }
    }
    return HexFormat.of().toHexDigits((int) crc.getValue())
        + HexFormat.of().toHexDigits((int) adler.getValue());
  }

  URL[] urls() throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (Path jar : origins.keySet()) {
      urls.add(jar.toUri().toURL());
    }
    return urls.toArray(new URL[0]);
  }

  /** Deletes the copies. Call after the class loader was closed. */
  void delete(Consumer<String> warnings) {
    try {
      if (lock != null) {
        lock.close();
      }
    } catch (IOException e) {
      warnings.accept("cannot release " + directory + ": " + e);
    }
    if (directory != null) {
      deleteTree(directory, warnings);
      OURS.remove(directory);
    }
  }

  private static void deleteTree(Path root, Consumer<String> warnings) {
    try (var tree = Files.walk(root)) {
      for (Path path : tree.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path); // another process may be sweeping too
      }
    } catch (IOException | UncheckedIOException e) {
      if (!(e instanceof NoSuchFileException || e.getCause() instanceof NoSuchFileException)) {
        warnings.accept("cannot delete " + root + ": " + e);
      } // else that other process deletes the rest
    }
  }
}
