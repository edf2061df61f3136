package io.sluice.core.plugin;

import io.sluice.api.PluginFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every plugin that one generation may use. Immutable; from any thread once made.
 *
 * <p>Made at start by {@link #discover} and for each reload by {@link #refresh}, on the
 * configuration thread; reads files. Each generation closes its own: a class loader is closed when
 * no registry and no open instance uses it any longer.
 */
public final class PluginRegistry implements AutoCloseable {

  /** The one loader of all jars that lie directly in plugin directories. */
  private static final String SHARED = "";

  private static final Logger log = LoggerFactory.getLogger(PluginRegistry.class);

  private final ClassLoader base;
  private final Map<Path, String> classPathJars;
  private final PluginSource classPath;
  private final Map<String, PluginSource> sources;
  private final Map<PluginKind, TreeMap<String, RegisteredPlugin>> plugins = new HashMap<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private PluginRegistry(
      ClassLoader base,
      Map<Path, String> classPathJars,
      PluginSource classPath,
      Map<String, PluginSource> sources) {
    this.base = base;
    this.classPathJars = classPathJars;
    this.classPath = classPath;
    this.sources = sources;
    List<PluginSource> all = new ArrayList<>(sources.values());
    all.add(0, classPath);
    all.forEach(source -> refusals.addAll(source.refusals()));
    for (PluginKind kind : PluginKind.values()) {
      all.stream()
          .flatMap(source -> source.plugins().stream())
          .filter(plugin -> plugin.kind() == kind)
          .collect(Collectors.groupingBy(RegisteredPlugin::type))
          .values()
          .forEach(offers -> register(kind, offers));
    }
  }

  /**
   * Looks for plugins on the class path and in {@code directories}: a jar there joins the class
   * path (it may be there already), a folder gets a class loader of its own.
   *
   * @param base the platform's class loader
   * @param warnings gets a line for each provider refused and each place that cannot be read; none
   *     of them keeps the others from working
   */
  public static PluginRegistry discover(
      List<Path> directories, ClassLoader base, Consumer<String> warnings) {
    PluginPlaces places = PluginPlaces.scan(directories, base, warnings);
    Map<Path, String> stamps = new HashMap<>();
    places.onClassPath().forEach(jar -> stamps.put(jar, stamp(jar)));
    PluginSource classPath = PluginSource.classPath(base, warnings);
    return open(base, stamps, classPath, places, Map.of(), warnings);
  }

  /** A registry of factories at hand, for tests and for embedding: nothing is looked for. */
  public static PluginRegistry of(List<? extends PluginFactory<?>> factories) {
    return new PluginRegistry(
        PluginRegistry.class.getClassLoader(), Map.of(), PluginSource.of(factories), Map.of());
  }

  /**
   * Looks again. What did not change keeps its class loader and its factories; a folder whose
   * content changed gets a new loader, and this registry keeps the old one until it is closed. A
   * jar that is on the class path cannot change: that is a warning.
   */
  public PluginRegistry refresh(List<Path> directories, Consumer<String> warnings) {
    PluginPlaces places = PluginPlaces.scan(directories, base, warnings);
    for (Path jar : places.onClassPath()) {
      String known = classPathJars.get(jar);
      if (known != null && !known.equals(stamp(jar))) {
        warnings.accept(jar + " changed; it is on the class path and is loaded at the next start");
      }
    }
    return open(base, classPathJars, classPath.retain(), places, sources, warnings);
  }

  private static PluginRegistry open(
      ClassLoader base,
      Map<Path, String> classPathJars,
      PluginSource classPath,
      PluginPlaces places,
      Map<String, PluginSource> before,
      Consumer<String> warnings) {
    Map<String, PluginSource> sources = new LinkedHashMap<>();
    if (!places.shared().isEmpty()) {
      Opener opener = id -> PluginSource.shared(places.shared(), id, base, warnings);
      open(SHARED, places.shared(), before, opener, sources, warnings);
    }
    for (PluginPlaces.Folder folder : places.folders()) {
      Opener opener = id -> PluginSource.isolated(folder, id, base, warnings);
      open(folder.path().toString(), folder.jars(), before, opener, sources, warnings);
    }
    PluginRegistry registry = new PluginRegistry(base, classPathJars, classPath, sources);
    registry.refused().forEach(warnings);
    return registry;
  }

  private interface Opener {
    PluginSource open(String contentId) throws IOException;
  }

  private static void open(
      String place,
      List<Path> jars,
      Map<String, PluginSource> before,
      Opener opener,
      Map<String, PluginSource> sources,
      Consumer<String> warnings) {
    try {
      String contentId = JarCopies.contentId(jars);
      PluginSource known = before.get(place);
      sources.put(
          place,
          known != null && known.contentId().equals(contentId)
              ? known.retain()
              : opener.open(contentId));
    } catch (IOException e) {
      warnings.accept("plugins in " + jars + " cannot be read: " + e);
    }
  }

  /** A type offered twice is refused both times: which one is meant is not ours to guess. */
  private void register(PluginKind kind, List<RegisteredPlugin> offers) {
    RegisteredPlugin first = offers.get(0);
    if (offers.size() == 1) {
      plugins.computeIfAbsent(kind, key -> new TreeMap<>()).put(first.type(), first);
      return;
    }
    for (RegisteredPlugin offer : offers) {
      String others =
          offers.stream()
              .filter(other -> !other.equals(offer))
              .map(RegisteredPlugin::source)
              .collect(Collectors.joining(", "));
      String className = offer.factory().getClass().getName();
      String reason = "its type \"" + offer.type() + "\" is offered by " + others + " too";
      refusals.add(new Refusal(kind, offer.type(), offer.source(), className, reason));
    }
  }

  /** The plugin that {@code type} selects, or null. */
  public @Nullable RegisteredPlugin find(PluginKind kind, String type) {
    TreeMap<String, RegisteredPlugin> types = plugins.get(kind);
    return types == null ? null : types.get(type);
  }

  /** The types of one kind, sorted. */
  public List<String> types(PluginKind kind) {
    TreeMap<String, RegisteredPlugin> types = plugins.get(kind);
    return types == null ? List.of() : List.copyOf(types.keySet());
  }

  /** Every plugin, by kind and type. */
  public List<RegisteredPlugin> all() {
    List<RegisteredPlugin> all = new ArrayList<>();
    for (PluginKind kind : PluginKind.values()) {
      all.addAll(plugins.getOrDefault(kind, new TreeMap<>()).values());
    }
    return all;
  }

  /** Every provider that was found and may not be used: jar, class and reason, a line each. */
  public List<String> refused() {
    return refusals.stream().map(Refusal::text).sorted().collect(Collectors.toList());
  }

  /**
   * Keeps the class loader of a plugin open beyond {@link #close}, for as long as one of its
   * instances lives: closing an instance may still need classes that nobody used before.
   *
   * @return gives it up; to be run once
   */
  Runnable hold(RegisteredPlugin plugin) {
    for (PluginSource source : sources.values()) {
      if (source.plugins().contains(plugin)) {
        source.retain();
        return () -> source.release(log::warn);
      }
    }
    return () -> {};
  }

  /** Why there is no plugin of that type although a jar offers one, or null. */
  @Nullable String refusal(PluginKind kind, String type) {
    for (Refusal refusal : refusals) {
      if (refusal.kind() == kind && type.equals(refusal.type())) {
        return refusal.source() + " offers it, but " + refusal.reason();
      }
    }
    return null;
  }

  /** Lets go of the class loaders; those of open instances close with these. Safe to call again. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      classPath.release(log::warn);
      sources.values().forEach(source -> source.release(log::warn));
    }
  }

  private static String stamp(Path jar) {
    try {
      return Files.size(jar) + "@" + Files.getLastModifiedTime(jar);
    } catch (IOException e) {
      return "unreadable";
    }
  }
}
