package io.sluice.core.plugin;

import java.net.URL;
import java.net.URLClassLoader;
import org.jspecify.annotations.Nullable;

/** Makes the class loaders of plugins. */
final class PluginLoaders {

  private PluginLoaders() {}

  /**
   * For jars directly in a plugin directory: as if they stood on the class path behind the rest.
   */
  static URLClassLoader shared(URL[] jars, ClassLoader base) {
    return new URLClassLoader("plugins", jars, base);
  }

  /**
   * For a folder: the folder's jars, the JDK, and of the platform only what {@link Isolated} lists.
   */
  static URLClassLoader isolated(String name, URL[] jars, ClassLoader base) {
    return new Isolated(name, jars, base);
  }

  /**
   * Shares by an allow-list: what a plugin and the platform must agree on, and nothing else. The
   * platform's own libraries are not even a fallback, so a folder that forgot one fails at once and
   * not with the next release of the platform. The parent is the JDK's loader.
   */
  private static final class Isolated extends URLClassLoader {

    static {
      registerAsParallelCapable();
    }

    private final ClassLoader platform;

    Isolated(String name, URL[] jars, ClassLoader platform) {
      super(name, jars, ClassLoader.getPlatformClassLoader());
      this.platform = platform;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("io.sluice.api.")) {
        return platform.loadClass(name);
      }
      if (name.startsWith("org.slf4j.") || name.startsWith("org.jspecify.annotations.")) {
        try {
          return platform.loadClass(name);
        } catch (ClassNotFoundException e) {
          // A bridge such as org.slf4j.bridge, which the folder may bring itself.
          return super.loadClass(name, resolve);
        }
      }
      return super.loadClass(name, resolve);
    }

    @Override
    public @Nullable URL getResource(String name) {
      URL own = super.getResource(name);
      return own == null && name.startsWith("io/sluice/api/") ? platform.getResource(name) : own;
    }
  }
}
