package io.sluice.plugin.testkit;

import io.sluice.api.PluginFactory;
import io.sluice.core.config.ConfigLoader;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.config.Problems;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a plugin from a few lines of configuration by the code that the platform uses, and tells
 * every problem just as {@code sluice check} would.
 *
 * <pre>{@code
 * var made = PluginTester.of(new CorsFactory()).create("allow-origins = [\"https://a.example\"]");
 * Middleware cors = made.instance();
 * }</pre>
 *
 * @param <P> the kind of plugin
 */
public final class PluginTester<P> {

  /** What problems name as the file. */
  public static final String FILE = "plugin.conf";

  private final PluginFactory<P> factory;
  private FakePluginContext context = new FakePluginContext();
  private Path folder = Path.of("");

  private PluginTester(PluginFactory<P> factory) {
    this.factory = factory;
  }

  /** Tests what {@code factory} makes. */
  public static <P> PluginTester<P> of(PluginFactory<P> factory) {
    return new PluginTester<>(factory);
  }

  /** Lends the plugin another context. */
  public PluginTester<P> with(FakePluginContext other) {
    context = other;
    return this;
  }

  /** Lets relative files in the configuration start from a folder. */
  public PluginTester<P> in(Path other) {
    folder = other;
    return this;
  }

  /** What the plugin is lent. */
  public FakePluginContext context() {
    return context;
  }

  /**
   * Makes an instance.
   *
   * @param hocon the inside of the plugin's block; its {@code type} may be left out
   */
  public Made<P> create(String hocon) {
    Problems problems = new Problems();
    LocatedSection section = ConfigLoader.parse(folder.resolve(FILE), hocon, Map.of(), problems);
    if (section == null) {
      return new Made<>(null, lines(problems));
    }
    String type = section.string("type").orElse(factory.type());
    if (!type.equals(factory.type())) {
      section.problem("type", "this is a test of \"" + factory.type() + "\"", "");
    }
    P instance = factory.create(section, context);
    section.reportUnread();
    return new Made<>(problems.isEmpty() ? instance : null, lines(problems));
  }

  private static List<String> lines(Problems problems) {
    return problems.render();
  }

  /**
   * What came of it.
   *
   * @param plugin the instance, or null when there was a problem
   * @param problems every problem, as {@code plugin.conf:LINE: PATH: PROBLEM (expected: …)}
   */
  public record Made<P>(@Nullable P plugin, List<String> problems) {

    /**
     * The instance.
     *
     * @throws AssertionError when there was a problem, with all of them
     */
    public P instance() {
      if (plugin == null) {
        throw new AssertionError("refused:\n" + String.join("\n", problems));
      }
      return plugin;
    }
  }
}
