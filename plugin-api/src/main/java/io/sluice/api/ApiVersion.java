package io.sluice.api;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.security.CodeSource;
import java.util.jar.JarInputStream;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * The version of this API. Within one major version the API only grows, by default methods and new
 * types; so a plugin runs on the major version it was built for, at its minor version or a later
 * one.
 */
public final class ApiVersion {

  /** The version of the API that this class belongs to, {@code major.minor}. */
  public static final String CURRENT = "1.0";

  /** The manifest attribute by which a plugin jar states the version it was built against. */
  public static final String MANIFEST_ATTRIBUTE = "Sluice-Api-Version";

  private ApiVersion() {}

  /**
   * Whether a plugin built against {@code built} runs on this API.
   *
   * @param built {@code major.minor}; anything else is incompatible
   */
  public static boolean accepts(String built) {
    int[] want = parse(built);
    int[] have = parse(CURRENT);
    return want != null && have != null && want[0] == have[0] && want[1] <= have[1];
  }

  /** The version stated by the jar that {@code type} was loaded from, else {@link #CURRENT}. */
  static String of(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null || !source.getLocation().getPath().endsWith(".jar")) {
      return CURRENT;
    }
    String stated = stated(source.getLocation());
    return stated == null ? CURRENT : stated;
  }

  private static @Nullable String stated(URL jar) {
    try (InputStream in = jar.openStream();
        JarInputStream entries = new JarInputStream(in)) {
      Manifest manifest = entries.getManifest();
      return manifest == null ? null : manifest.getMainAttributes().getValue(MANIFEST_ATTRIBUTE);
    } catch (MalformedURLException e) {
      throw new IllegalStateException("not a jar: " + jar, e);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("cannot read " + jar, e);
    }
  }

  private static int @Nullable [] parse(String version) {
    String[] parts = version.split("\\.", -1);
    if (parts.length < 2) {
      return null;
    }
    try {
      return new int[] {Integer.parseInt(parts[0]), Integer.parseInt(parts[1])};
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
