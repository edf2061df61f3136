package io.sluice.distribution.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigResolveOptions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the admin API is and how to pass its door: the options that its commands share. */
final class AdminOptions {

  private static final String USUAL = "127.0.0.1:9901";

  @Option(
      names = "--admin",
      paramLabel = "URL",
      description = {
        "Where the admin API is (default: admin.bind of --config,",
        "else http://" + USUAL + ")."
      })
  private @Nullable String url;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "The admin token (default: SLUICE_ADMIN_TOKEN, else admin.token of --config).")
  private @Nullable String token;

  @Option(
      names = "--config",
      paramLabel = "CONFIG",
      description = {
        "The config to read address and token from",
        "(default: conf/sluice.conf of the installation)."
      })
  private @Nullable Path config;

  AdminClient client(World world) throws Refusal {
    Config admin = admin(world);
    return new AdminClient(base(admin), token(world, admin));
  }

  private URI base(Config admin) throws Refusal {
    String text = url != null ? url : reachable(bind(admin));
    URI base = uri(text.contains("://") ? text : "http://" + text);
    if (base == null || base.getHost() == null) {
      throw Refusal.couldNotStart("'" + text + "' is not the address of an admin API");
    }
    return base;
  }

  private static @Nullable URI uri(String text) {
    try {
      return new URI(text.endsWith("/") ? text : text + "/");
    } catch (java.net.URISyntaxException e) {
      return null;
    }
  }

  private @Nullable String token(World world, Config admin) {
    if (token != null) {
      return token;
    }
    String variable = world.environment().get("SLUICE_ADMIN_TOKEN");
    if (variable != null) {
      return variable;
    }
    return admin.hasPath("token") ? admin.getString("token") : null;
  }

  private static String bind(Config admin) {
    return admin.hasPath("bind") ? admin.getString("bind") : USUAL;
  }

  /** A wildcard address is where to listen, not where to call. */
  private static String reachable(String bind) {
    int colon = bind.lastIndexOf(':');
    String name = colon < 0 ? bind : bind.substring(0, colon);
    boolean everywhere =
        name.isEmpty() || name.equals("0.0.0.0") || name.equals("[::]") || name.equals("*");
    return everywhere ? "127.0.0.1" + bind.substring(Math.max(colon, 0)) : bind;
  }

  private Config admin(World world) throws Refusal {
    boolean named = config != null;
    Path file = named ? world.config(config) : world.defaultConfig();
    if (!named && !Files.isReadable(file)) {
      return ConfigFactory.empty();
    }
    try {
      Config whole =
          ConfigFactory.parseFile(file.toFile())
              .resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true));
      return whole.hasPath("admin") ? whole.getConfig("admin") : ConfigFactory.empty();
    } catch (ConfigException e) {
      throw Refusal.configInvalid(
          java.util.List.of(
              file + ": " + e.getMessage(), "sluice: `sluice check " + file + "` says more"));
    }
  }
}
