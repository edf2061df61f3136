package io.sluice.core.plugin;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What lies in the plugin directories at one moment.
 *
 * @param shared jars directly in a directory that are not on the class path yet, in order
 * @param onClassPath jars directly in a directory that the base class loader has already
 * @param folders isolated folders, in order
 */
record PluginPlaces(List<Path> shared, List<Path> onClassPath, List<Folder> folders) {

  /**
   * A folder with a class loader of its own.
   *
   * @param path the folder
   * @param jars the jars in it and in its {@code lib}, sorted; at least one
   */
  record Folder(Path path, List<Path> jars) {}

  /**
   * Looks into {@code directories}. A directory that is missing or unreadable is a warning: an
   * installation without plugins is a valid one.
   */
  static PluginPlaces scan(List<Path> directories, ClassLoader base, Consumer<String> warnings) {
    Set<Path> basePath = classPath(base);
    List<Path> shared = new ArrayList<>();
    List<Path> onClassPath = new ArrayList<>();
    List<Folder> folders = new ArrayList<>();
    for (Path directory : new LinkedHashSet<>(directories)) {
      for (Path entry : entries(directory, warnings)) {
        if (isJar(entry)) {
          (basePath.contains(real(entry)) ? onClassPath : shared).add(entry);
        } else if (Files.isDirectory(entry)) {
          List<Path> jars = new ArrayList<>(jarsOf(entry, warnings));
          Path lib = entry.resolve("lib");
          if (Files.isDirectory(lib)) {
            jars.addAll(jarsOf(lib, warnings));
          }
          if (jars.isEmpty()) {
            warnings.accept("plugin folder " + entry + " has no jar in it");
          } else {
            folders.add(new Folder(entry, jars));
          }
        }
      }
    }
    return new PluginPlaces(List.copyOf(shared), List.copyOf(onClassPath), List.copyOf(folders));
  }

  private static List<Path> jarsOf(Path folder, Consumer<String> warnings) {
    return entries(folder, warnings).stream().filter(PluginPlaces::isJar).toList();
  }

  /** Sorted, hidden entries left out: volumes of Kubernetes keep their bookkeeping there. */
  private static List<Path> entries(Path directory, Consumer<String> warnings) {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      for (Path entry : stream) {
        if (!String.valueOf(entry.getFileName()).startsWith(".")) {
          entries.add(entry);
        }
      }
    } catch (IOException e) {
      warnings.accept("plugin directory " + directory + " cannot be read: " + e);
    }
    entries.sort(null);
    return entries;
  }

  private static boolean isJar(Path path) {
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    return name.endsWith(".jar") && Files.isRegularFile(path);
  }

  /** The jars that {@code base} and its parents load from, as far as they say. */
  private static Set<Path> classPath(ClassLoader base) {
    Set<Path> found = new HashSet<>();
    for (ClassLoader loader = base; loader != null; loader = loader.getParent()) {
      if (loader == ClassLoader.getSystemClassLoader()) {
        String property = System.getProperty("java.class.path", "");
        for (String element : property.split(File.pathSeparator, -1)) {
          if (!element.isEmpty()) {
            found.add(real(Path.of(element)));
          }
        }
      } else if (loader instanceof URLClassLoader urls) {
        for (URL url : urls.getURLs()) {
          Path path = path(url);
          if (path != null) {
            found.add(real(path));
          }
        }
      }
    }
    return found;
  }

  /** The file behind a {@code file:} URL, or null for any other. */
  static @Nullable Path path(URL url) {
    try {
      return "file".equals(url.getProtocol()) ? Path.of(url.toURI()) : null;
    } catch (URISyntaxException | IllegalArgumentException e) {
      return null;
    }
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath().normalize();
    }
  }
}
