package io.sluice.distribution.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An engine that does nothing and remembers what it was told. */
final class FakeEngine implements Engine, Engine.Running {

  final List<String> calls = new ArrayList<>();
  List<String> problems = List.of();
  Reload nextReload = new Reload(true, List.of("routes: 1 changed"));
  boolean drains = true;
  @Nullable Refusal refusal;

  /** Told after each call, for tests that act while the session runs. */
  Consumer<String> after = call -> {};

  private void called(String call) {
    calls.add(call);
    after.accept(call);
  }

  @Override
  public Running start(Path config) throws Refusal {
    if (refusal != null) {
      throw refusal;
    }
    called("start " + config.getFileName());
    return this;
  }

  @Override
  public List<String> check(Path config) {
    return problems;
  }

  @Override
  public String explain(Path config, Request request) {
    return request.method() + " " + request.url() + " " + request.headers();
  }

  @Override
  public List<Plugin> plugins(@Nullable Path config) {
    return List.of(
        new Plugin(
            "middleware",
            "cors",
            "cors.jar",
            "1.0",
            List.of(
                new Key("max-age", "duration", "1h", "how long", false),
                new Key("allow-origins", "list of text", "", "who may", true))));
  }

  @Override
  public List<Listener> listeners() {
    return List.of(new Listener("web", List.of("0.0.0.0:8080")));
  }

  @Override
  public int upstreams() {
    return 2;
  }

  @Override
  public int endpoints() {
    return 1;
  }

  @Override
  public @Nullable String admin() {
    return "127.0.0.1:9901";
  }

  @Override
  public Duration shutdownTimeout() {
    return Duration.ofSeconds(30);
  }

  @Override
  public Reload reload() {
    called("reload");
    return nextReload;
  }

  @Override
  public boolean drain() {
    called("drain");
    return drains;
  }

  @Override
  public void close() {
    called("close");
  }
}
