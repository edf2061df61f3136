package io.sluice.core.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * @param origins each jar as loaded, in order, with the one the user sees
 */
record JarCopies(@Nullable Path directory, Map<Path, Path> origins) {

  static JarCopies of(List<Path> jars, Consumer<String> warnings) {
    Path directory = null;
    try {
      directory = Files.createTempDirectory("sluice-plugins-");
      Map<Path, Path> origins = new LinkedHashMap<>();
      for (Path jar : jars) {
        // A folder each: two directories may hold jars of one name, and the name shows in errors.
        Path place = Files.createDirectory(directory.resolve(String.valueOf(origins.size())));
        Path copy = Files.copy(jar, place.resolve(jar.getFileName())).toRealPath();
        // At exit in the reverse of this order, where the last instance was not closed before.
        List.of(directory, place, copy).forEach(path -> path.toFile().deleteOnExit());
        origins.put(copy, jar);
      }
      return new JarCopies(directory, origins);
    } catch (IOException e) {
      warnings.accept(
          "no private copy of plugin jars can be made, so they must not be overwritten while in"
              + " use: "
              + e);
      if (directory != null) {
        deleteTree(directory, warnings);
      }
      Map<Path, Path> inPlace = new LinkedHashMap<>();
      jars.forEach(jar -> inPlace.put(jar, jar));
      return new JarCopies(null, inPlace);
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
    if (directory != null) {
      deleteTree(directory, warnings);
    }
  }

  private static void deleteTree(Path root, Consumer<String> warnings) {
    try (var tree = Files.walk(root)) {
      for (Path path : tree.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      warnings.accept("cannot delete " + root + ": " + e);
    }
  }
}
