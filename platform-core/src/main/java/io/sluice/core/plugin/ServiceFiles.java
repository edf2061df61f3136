package io.sluice.core.plugin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Says which jar names which provider. {@link java.util.ServiceLoader} finds and makes the
 * providers but does not tell where one that failed came from.
 */
final class ServiceFiles {

  private ServiceFiles() {}

  /**
   * The provider classes that the service files of {@code loader} name, each with the jar or class
   * folder of its file. Those of its parents only when {@code inherited}.
   */
  static Map<String, Path> providers(
      Class<?> service, ClassLoader loader, boolean inherited, Consumer<String> warnings) {
    String name = "META-INF/services/" + service.getName();
    Map<String, Path> providers = new LinkedHashMap<>();
    for (URL file : files(name, loader, inherited, warnings)) {
      try {
        URLConnection connection = file.openConnection();
        // A cached JarFile would outlive the loader and show old content of a replaced jar.
        connection.setUseCaches(false);
        Path place = place(file, connection, name);
        for (String provider : lines(connection)) {
          providers.putIfAbsent(provider, place);
        }
      } catch (IOException e) {
        warnings.accept(file + " cannot be read: " + e);
      }
    }
    return providers;
  }

  private static List<URL> files(
      String name, ClassLoader loader, boolean inherited, Consumer<String> warnings) {
    try {
      return Collections.list(
          !inherited && loader instanceof URLClassLoader urls
              ? urls.findResources(name)
              : loader.getResources(name));
    } catch (IOException e) {
      warnings.accept(name + " cannot be looked for: " + e);
      return List.of();
    }
  }

  private static Path place(URL file, URLConnection connection, String name) {
    URL root = connection instanceof JarURLConnection jar ? jar.getJarFileURL() : file;
    Path path = PluginPlaces.path(root);
    if (path == null) {
      return Path.of(root.getPath());
    }
    return connection instanceof JarURLConnection ? path : above(path, name);
  }

  private static Path above(Path file, String name) {
    Path root = file;
    for (int i = 0; i < Path.of(name).getNameCount(); i++) {
      Path parent = root.getParent();
      root = parent == null ? root : parent;
    }
    return root;
  }

  private static List<String> lines(URLConnection connection) throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      return reader.lines().map(ServiceFiles::provider).filter(line -> line != null).toList();
    }
  }

  private static @Nullable String provider(String line) {
    int comment = line.indexOf('#');
    String name = (comment < 0 ? line : line.substring(0, comment)).strip();
    return name.isEmpty() ? null : name;
  }
}
