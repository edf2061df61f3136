package io.sluice.distribution.cli;

import io.sluice.api.config.ConfigSection;
import io.sluice.core.boot.ConfigInvalid;
import io.sluice.core.boot.ExplainRequest;
import io.sluice.core.boot.Platform;
import io.sluice.core.boot.PlatformOptions;
import io.sluice.core.boot.Platforms;
import io.sluice.core.boot.StartFailed;
import io.sluice.core.config.ConfigLoader;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.config.PemCertificates;
import io.sluice.core.config.Problems;
import io.sluice.core.plugin.PluginRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The real proxy. */
final class PlatformEngine implements Engine {

  private static final Logger log = LoggerFactory.getLogger(PlatformEngine.class);

  private final Map<String, String> environment;
  private final Path home;

  PlatformEngine(Map<String, String> environment, Path home) {
    this.environment = environment;
    this.home = home;
  }

  @Override
  public Running start(Path config) throws Refusal {
    try {
      return new RunningPlatform(Platform.start(config, options(Logging::level)));
    } catch (ConfigInvalid e) {
      throw Refusal.configInvalid(e.problems());
    } catch (StartFailed e) {
      throw Refusal.couldNotStart(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public List<String> check(Path config) throws Refusal {
    try {
      return Platform.check(config, options(level -> {}));
    } catch (StartFailed e) {
      throw Refusal.couldNotStart(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public String explain(Path config, Request request) throws Refusal {
    try {
      return String.join(
          "\n",
          Platform.explain(
              config,
              options(level -> {}),
              new ExplainRequest(
                  request.method(),
                  request.url(),
                  request.headers(),
                  certificates(request.clientCertificate()))));
    } catch (ConfigInvalid e) {
      throw Refusal.configInvalid(e.problems());
    } catch (StartFailed e) {
      throw Refusal.couldNotStart(String.valueOf(e.getMessage()));
    }
  }

  private static List<X509Certificate> certificates(@Nullable Path file) throws Refusal {
    if (file == null) {
      return List.of();
    }
    try {
      return PemCertificates.read(Files.readAllBytes(file));
    } catch (IOException e) {
      throw Refusal.couldNotStart("cannot read " + file + ": " + e.getMessage());
    } catch (CertificateException e) {
      throw new IllegalArgumentException(file + " has no certificates in PEM", e);
    }
  }

  @Override
  public List<Plugin> plugins(@Nullable Path config) throws Refusal {
    List<Path> folders = pluginFolders(config).stream().map(home::resolve).toList();
    List<Plugin> plugins = new ArrayList<>();
    ClassLoader base = PlatformEngine.class.getClassLoader();
    try (PluginRegistry registry = PluginRegistry.discover(folders, base, log::warn)) {
      for (Platforms.PluginInfo info : Platforms.plugins(registry)) {
        List<Key> keys =
            info.keys().stream()
                .map(
                    key ->
                        new Key(
                            key.path(), key.type(), key.fallback(), key.meaning(), key.required()))
                .toList();
        plugins.add(new Plugin(info.kind(), info.type(), info.source(), info.apiVersion(), keys));
      }
    }
    return plugins;
  }

  private List<String> pluginFolders(@Nullable Path config) throws Refusal {
    List<String> usual = List.of("plugins");
    if (config == null) {
      return usual;
    }
    Problems problems = new Problems();
    LocatedSection whole;
    try {
      whole = ConfigLoader.load(config, environment, problems);
    } catch (IOException e) {
      throw Refusal.couldNotStart("cannot read " + config + ": " + e.getMessage());
    }
    if (whole == null) {
      throw Refusal.configInvalid(problems.render());
    }
    ConfigSection runtime = whole.section("runtime").orElse(whole.empty("runtime"));
    return runtime.strings("plugins").orElse(usual);
  }

  private PlatformOptions options(java.util.function.Consumer<String> logLevel) {
    return new PlatformOptions(environment, home, World.version(), "unknown", logLevel, null);
  }
}
