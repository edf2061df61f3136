package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.plugin.PluginJar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a changed plugin folder makes anew, and what it leaves alone. */
class PluginReloadTest {

  private static final String CONFIG =
      Running.COMMON
          + """
          runtime.event-loops = 1
          upstreams.a { endpoints = ["127.0.0.1:9"], retry = off, balancer.type = one }
          upstreams.b { endpoints = ["127.0.0.1:9"], retry = off, balancer.type = two }
          middleware { c.type = three, d { type = four, inner.type = three } }
          routes = [
            { match.path = "/a", upstream = a, middleware = [ c ] }
            { upstream = b, middleware = [ d ] }
          ]
          """;

  @TempDir Path home;

  private void write(String type, String member, PluginJar jar) {
    jar.resource("member", member).write(home.resolve("plugins/" + type + "/" + type + ".jar"));
  }

  private void balancer(String type, String member) {
    String source =
        """
        package acme.%1$s;
        import io.sluice.api.PluginContext;
        import io.sluice.api.config.ConfigSection;
        import io.sluice.api.upstream.*;
        public class Factory implements LoadBalancerFactory {
          public String type() { return "%1$s"; }
          public LoadBalancer create(ConfigSection config, PluginContext context) {
            return candidates -> request -> candidates.get(0);
          }
        }
        """
            .formatted(type);
    write(
        type,
        member,
        new PluginJar()
            .source("acme." + type + ".Factory", source)
            .service("io.sluice.api.upstream.LoadBalancerFactory", "acme." + type + ".Factory"));
  }

  private void middleware(String type, String member, String nested) {
    String source =
        """
        package acme.%1$s;
        import io.sluice.api.PluginContext;
        import io.sluice.api.config.ConfigSection;
        import io.sluice.api.middleware.*;
        public class Factory implements MiddlewareFactory {
          public String type() { return "%1$s"; }
          public Middleware create(ConfigSection config, PluginContext context) {
            %2$s
            return new Middleware() {};
          }
        }
        """
            .formatted(type, nested);
    write(
        type,
        member,
        new PluginJar()
            .source("acme." + type + ".Factory", source)
            .service("io.sluice.api.middleware.MiddlewareFactory", "acme." + type + ".Factory"));
  }

  private void nesting(String member) {
    middleware(
        "four",
        member,
        "context.create(MiddlewareFactory.class,"
            + " config.section(\"inner\").describe(\"a step\").required(), null);");
  }

  private static Map<String, Object> parts(Platform platform) {
    Map<String, Object> parts = new java.util.TreeMap<>();
    Loaded loaded = platform.loaded();
    loaded.upstreams().values().forEach(each -> parts.put(each.value().name(), each.value()));
    loaded.middleware().values().forEach(each -> parts.put(each.value().name(), each.value()));
    return parts;
  }

  /** Which parts a reload made anew. */
  private static List<String> madeAnew(Platform platform) throws Exception {
    Map<String, Object> before = parts(platform);
    ReloadResult result = platform.reload().toCompletableFuture().get(20, TimeUnit.SECONDS);
    assertThat(result.problems()).isEmpty();
    Map<String, Object> after = parts(platform);
    List<String> anew =
        after.keySet().stream().filter(name -> before.get(name) != after.get(name)).toList();
    assertThat(result.changes()).hasSize(anew.size());
    return anew;
  }

  @Test
  void onlyWhatUsesAChangedPluginIsMadeAnew() throws Exception {
    balancer("one", "1");
    balancer("two", "1");
    middleware("three", "1", "");
    nesting("1");
    Path file = Files.writeString(home.resolve("sluice.conf"), CONFIG);
    PlatformOptions options =
        new PlatformOptions(Map.of(), home, "test", "test", level -> {}, null);
    try (Platform platform = Platform.start(file, options)) {
      assertThat(parts(platform)).containsOnlyKeys("a", "b", "middleware.c", "middleware.d");
      assertThat(madeAnew(platform)).isEmpty();
      balancer("one", "2");
      assertThat(madeAnew(platform)).containsExactly("a");
      nesting("2");
      assertThat(madeAnew(platform)).containsExactly("middleware.d");
      // A nested plugin counts as one of its owner's.
      middleware("three", "2", "");
      assertThat(madeAnew(platform)).containsExactly("middleware.c", "middleware.d");
      balancer("unused", "1");
      assertThat(madeAnew(platform)).isEmpty();
    }
  }
}
