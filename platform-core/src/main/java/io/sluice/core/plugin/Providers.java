package io.sluice.core.plugin;

import io.sluice.api.ApiVersion;
import io.sluice.api.PluginFactory;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the factories of one class loader. Each provider is tried for itself: what is wrong with
 * one is reported by jar and class, and does not hide the others.
 */
final class Providers {

  /** What one class loader offers. */
  record Found(List<RegisteredPlugin> plugins, List<Refusal> refusals) {}

  /** Types are kebab-case. */
  private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

  private final ClassLoader loader;
  private final boolean inherited;
  private final Function<Path, String> label;
  private final String contentId;
  private final List<RegisteredPlugin> plugins = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final Map<Path, String> statedVersions = new HashMap<>();

  private Providers(
      ClassLoader loader, boolean inherited, Function<Path, String> label, String contentId) {
    this.loader = loader;
    this.inherited = inherited;
    this.label = label;
    this.contentId = contentId;
  }

  /**
   * Makes every factory that {@code loader} offers.
   *
   * @param inherited whether those that its parents offer count too
   * @param label how the user knows a jar
   * @param contentId see {@link RegisteredPlugin}
   */
  static Found of(
      ClassLoader loader,
      boolean inherited,
      Function<Path, String> label,
      String contentId,
      Consumer<String> warnings) {
    Providers providers = new Providers(loader, inherited, label, contentId);
    for (PluginKind kind : PluginKind.values()) {
      providers.discover(kind, warnings);
    }
    return new Found(List.copyOf(providers.plugins), List.copyOf(providers.refusals));
  }

  private void discover(PluginKind kind, Consumer<String> warnings) {
    Map<String, Path> named = ServiceFiles.providers(kind.factory(), loader, inherited, warnings);
    if (named.isEmpty()) {
      return;
    }
    Map<String, Path> silent = new HashMap<>(named);
    Iterator<? extends ServiceLoader.Provider<? extends PluginFactory<?>>> all =
        ServiceLoader.load(kind.factory(), loader).stream().iterator();
    int failures = 0;
    while (true) {
      try {
        if (!all.hasNext()) {
          break;
        }
        ServiceLoader.Provider<? extends PluginFactory<?>> provider = all.next();
        String className = provider.type().getName();
        Path jar = silent.remove(className);
        if (jar != null && (inherited || provider.type().getClassLoader() == loader)) {
          offer(kind, jar, className, provider);
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        // The provider stays in "silent" and is asked below what ails it. The bound is for a
        // service
        // file that cannot be read at all, on which the iterator never moves on.
        if (++failures > 1000) {
          warnings.accept("gave up on " + kind.words() + " plugins: " + e);
          break;
        }
      }
    }
    named.keySet().retainAll(silent.keySet());
    named.forEach(
        (className, jar) -> refuse(kind, null, jar, className, ailment(kind, jar, className)));
  }

  private void offer(
      PluginKind kind,
      Path jar,
      String className,
      ServiceLoader.Provider<? extends PluginFactory<?>> provider) {
    String stated = stated(jar);
    if (!ApiVersion.accepts(stated)) {
      refuse(kind, null, jar, className, wrongVersion(stated));
      return;
    }
    try {
      PluginFactory<?> factory = provider.get();
      String type = factory.type();
      if (type == null || !TYPE.matcher(type).matches()) {
        refuse(kind, null, jar, className, "its type \"" + type + "\" is not kebab-case");
        return;
      }
      String version = factory.apiVersion();
      if (!ApiVersion.accepts(version)) {
        refuse(kind, type, jar, className, wrongVersion(version));
        return;
      }
      plugins.add(new RegisteredPlugin(kind, type, label.apply(jar), version, contentId, factory));
    } catch (ServiceConfigurationError e) {
      refuse(kind, null, jar, className, "its constructor failed: " + cause(e));
    } catch (RuntimeException | LinkageError e) {
      refuse(kind, null, jar, className, "it failed: " + e);
    }
  }

  /** Why {@link ServiceLoader} did not come up with a class that a service file names. */
  private String ailment(PluginKind kind, Path jar, String className) {
    String stated = stated(jar);
    if (!ApiVersion.accepts(stated)) {
      return wrongVersion(stated);
    }
    try {
      Class<?> type = Class.forName(className, false, loader);
      if (!kind.factory().isAssignableFrom(type)) {
        return "it does not implement " + kind.factory().getName();
      }
      if (Modifier.isAbstract(type.getModifiers())) {
        return "it is abstract";
      }
      boolean open =
          Modifier.isPublic(type.getModifiers())
              && Modifier.isPublic(type.getConstructor().getModifiers());
      return open ? "its service file cannot be read" : "it is not public";
    } catch (ClassNotFoundException e) {
      return "there is no such class";
    } catch (NoSuchMethodException e) {
      return "it has no public constructor without arguments";
    } catch (NoClassDefFoundError e) {
      return "a class that it needs is missing: " + e.getMessage();
    } catch (LinkageError e) {
      return "it cannot be linked: " + e;
    }
  }

  private void refuse(
      PluginKind kind, @Nullable String type, Path jar, String className, String reason) {
    refusals.add(new Refusal(kind, type, label.apply(jar), className, reason));
  }

  private static String wrongVersion(String stated) {
    return "it was built for plugin API " + stated + ", this is " + ApiVersion.CURRENT;
  }

  /** Read before the classes are: those of a later API often cannot even be linked. */
  private String stated(Path jar) {
    return statedVersions.computeIfAbsent(
        jar,
        path -> {
          if (!Files.isRegularFile(path)) {
            return ApiVersion.CURRENT;
          }
          try (JarFile file = new JarFile(path.toFile())) {
            Manifest manifest = file.getManifest();
            String version =
                manifest == null
                    ? null
                    : manifest.getMainAttributes().getValue(ApiVersion.MANIFEST_ATTRIBUTE);
            return version == null ? ApiVersion.CURRENT : version;
          } catch (IOException e) {
            return "unknown (" + e + ")";
          }
        });
  }

  private static String cause(Throwable error) {
    Throwable cause = error.getCause();
    return String.valueOf(cause == null ? error.getMessage() : cause);
  }
}
