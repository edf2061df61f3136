package io.sluice.distribution.cli;

import io.sluice.api.config.ConfigSection;
import io.sluice.core.config.ConfigLoader;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.config.Problems;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
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
    Admin configured = configured(world);
    return new AdminClient(base(configured), token(world, configured));
  }

  private record Admin(String bind, @Nullable String token) {}

  private URI base(Admin configured) throws Refusal {
    String text = url != null ? url : reachable(configured.bind());
    URI base = uri(text.contains("://") ? text : "http://" + text);
    if (base == null || base.getHost() == null) {
      throw Refusal.couldNotStart("'" + text + "' is not the address of an admin API");
    }
    return base;
  }

  private static @Nullable URI uri(String text) {
    try {
      return new URI(text.endsWith("/") ? text : text + "/");
    } catch (URISyntaxException e) {
      return null;
    }
  }

  private @Nullable String token(World world, Admin configured) {
    if (token != null) {
      return token;
    }
    String variable = world.environment().get("SLUICE_ADMIN_TOKEN");
    return variable != null ? variable : configured.token();
  }

  /** A wildcard address is where to listen, not where to call. */
  private static String reachable(String bind) {
    int colon = bind.lastIndexOf(':');
    String name = colon < 0 ? bind : bind.substring(0, colon);
    boolean everywhere =
        name.isEmpty() || name.equals("0.0.0.0") || name.equals("[::]") || name.equals("*");
    return everywhere ? "127.0.0.1" + bind.substring(Math.max(colon, 0)) : bind;
  }

  private Admin configured(World world) throws Refusal {
    if (config == null && (url != null || !Files.isReadable(world.defaultConfig()))) {
      return new Admin(USUAL, null);
    }
    Path file = world.config(config);
    Problems problems = new Problems();
    LocatedSection whole = load(file, world, problems);
    if (whole == null) {
      throw Refusal.configInvalid(problems.render());
    }
    if (!whole.has("admin")) {
      return new Admin(USUAL, null);
    }
    ConfigSection admin = whole.section("admin").orElse(whole.empty("admin"));
    return new Admin(
        admin.string("bind").orElse(USUAL), admin.string("token").optional().orElse(null));
  }

  private static @Nullable LocatedSection load(Path file, World world, Problems problems)
      throws Refusal {
    try {
      return ConfigLoader.load(file, world.environment(), problems);
    } catch (IOException e) {
      throw Refusal.couldNotStart("cannot read " + file + ": " + e.getMessage());
    }
  }
}
