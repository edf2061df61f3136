package io.sluice.core.plugin;

import io.sluice.api.PluginFactory;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * One class loader with the factories it offers, shared by the registries of successive
 * generations. Counted: made with one holder, closed when the last one let go. Only then can it be
 * collected.
 */
final class PluginSource {

  /** The content id of what cannot change while the process runs. */
  private static final String CLASS_PATH = "class-path";

  private final String contentId;
  private final Providers.Found found;
  private final @Nullable URLClassLoader loader;
  private final @Nullable JarCopies copies;
  private final AtomicInteger holders = new AtomicInteger(1);

  private PluginSource(
      String contentId,
      Providers.Found found,
      @Nullable URLClassLoader loader,
      @Nullable JarCopies copies) {
    this.contentId = contentId;
    this.found = found;
    this.loader = loader;
    this.copies = copies;
  }

  /** What the platform's own class path offers. Never closed. */
  static PluginSource classPath(ClassLoader base, Consumer<String> warnings) {
    Providers.Found found =
        Providers.of(base, true, path -> String.valueOf(path.getFileName()), CLASS_PATH, warnings);
    return new PluginSource(CLASS_PATH, found, null, null);
  }

  /** Factories at hand. */
  static PluginSource of(List<? extends PluginFactory<?>> factories) {
    List<RegisteredPlugin> plugins = new ArrayList<>();
    for (PluginFactory<?> factory : factories) {
      for (PluginKind kind : PluginKind.values()) {
        if (kind.factory().isInstance(factory)) {
          String source = factory.getClass().getName();
          plugins.add(
              new RegisteredPlugin(
                  kind, factory.type(), source, factory.apiVersion(), CLASS_PATH, factory));
        }
      }
    }
    return new PluginSource(CLASS_PATH, new Providers.Found(plugins, List.of()), null, null);
  }

  /** Jars directly in a plugin directory. */
  static PluginSource shared(
      List<Path> jars, String contentId, ClassLoader base, Consumer<String> warnings)
      throws IOException {
    JarCopies copies = JarCopies.of(jars, warnings);
    return open(contentId, PluginLoaders.shared(copies.urls(), base), copies, warnings);
  }

  /** The jars of one isolated folder. */
  static PluginSource isolated(
      PluginPlaces.Folder folder, String contentId, ClassLoader base, Consumer<String> warnings)
      throws IOException {
    JarCopies copies = JarCopies.of(folder.jars(), warnings);
    String name = "plugins/" + folder.path().getFileName();
    return open(contentId, PluginLoaders.isolated(name, copies.urls(), base), copies, warnings);
  }

  private static PluginSource open(
      String contentId, URLClassLoader loader, JarCopies copies, Consumer<String> warnings) {
    copies.origins().forEach((copy, origin) -> probe(copy, origin, warnings));
    Function<Path, String> label =
        path -> String.valueOf(copies.origins().getOrDefault(path, path));
    Providers.Found found = Providers.of(loader, false, label, contentId, warnings);
    return new PluginSource(contentId, found, loader, copies);
  }

  /** A class loader passes over a jar that it cannot read without a word. */
  private static void probe(Path copy, Path origin, Consumer<String> warnings) {
    try (JarFile jar = new JarFile(copy.toFile())) {
      jar.getManifest();
    } catch (IOException e) {
      warnings.accept(origin + " cannot be read: " + e.getMessage());
    }
  }

  /** The same for as long as the octets behind it are. */
  String contentId() {
    return contentId;
  }

  List<RegisteredPlugin> plugins() {
    return found.plugins();
  }

  List<Refusal> refusals() {
    return found.refusals();
  }

  PluginSource retain() {
    if (holders.getAndUpdate(count -> count == 0 ? 0 : count + 1) == 0) {
      throw new IllegalStateException("already closed");
    }
    return this;
  }

  /** Lets go; the last one closes the loader and deletes the copies of its jars. */
  void release(Consumer<String> warnings) {
    if (holders.decrementAndGet() != 0 || loader == null || copies == null) {
      return;
    }
    try {
      loader.close();
    } catch (IOException e) {
      warnings.accept("class loader of " + copies.origins().values() + " did not close: " + e);
    }
    copies.delete(warnings);
  }
}
