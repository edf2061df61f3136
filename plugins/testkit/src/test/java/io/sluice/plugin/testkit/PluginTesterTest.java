package io.sluice.plugin.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.limit.RateLimitStore;
import io.sluice.api.limit.RateLimitStoreFactory;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.api.upstream.ClientRequest;
import io.sluice.api.upstream.ClientResponse;
import io.sluice.api.upstream.UpstreamClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class PluginTesterTest {

  private final List<String> events = new ArrayList<>();

  private final MiddlewareFactory factory =
      new MiddlewareFactory() {
        @Override
        public String type() {
          return "sample";
        }

        @Override
        public Middleware create(ConfigSection config, PluginContext context) {
          long size = config.integer("size", 1, 9).describe("how many").required();
          Path file = config.file("file").orElse(Path.of("none"));
          RateLimitStore store =
              context.create(
                  RateLimitStoreFactory.class,
                  config.section("store").orElse(config.empty("store")),
                  "fake");
          UpstreamClient client = context.client(config, "upstream", "auth");
          context.meters().counter("made_total", "size", Long.toString(size)).increment();
          context.meters().gauge("size", () -> size);
          context.schedule(Duration.ofSeconds(5), () -> events.add("once"));
          PluginContext.Task task =
              context.scheduleRepeatedly(
                  Duration.ofSeconds(2),
                  Duration.ofSeconds(2),
                  () -> events.add("at " + context.clock().instant()));
          return new Middleware() {
            @Override
            public Flow onRequest(io.sluice.api.middleware.Exchange exchange) {
              client
                  .send(ClientRequest.get("/check"))
                  .whenComplete((answer, error) -> events.add(error == null ? "ok" : "" + error));
              task.cancel();
              return store == null || file.toString().isEmpty() ? Flow.SUSPENDED : Flow.CONTINUE;
            }
          };
        }
      };

  private final RateLimitStoreFactory store =
      new RateLimitStoreFactory() {
        @Override
        public String type() {
          return "fake";
        }

        @Override
        public RateLimitStore create(ConfigSection config, PluginContext context) {
          return new RateLimitStore() {
            @Override
            public CompletionStage<Decision> take(String key, Quota quota, int cost) {
              return CompletableFuture.failedFuture(new IllegalStateException("not asked for"));
            }

            @Override
            public void close() {
              events.add("store closed");
            }
          };
        }
      };

  @Test
  void tellsEveryProblemAtItsPlace() {
    var made = PluginTester.of(factory).create("size = 10\nsise = 2\nstore { type = other }");

    assertThat(made.plugin()).isNull();
    assertThat(made.problems())
        .hasSize(3)
        .anySatisfy(line -> assertThat(line).startsWith("plugin.conf:1: size: "))
        .anySatisfy(line -> assertThat(line).startsWith("plugin.conf:2: sise: "))
        .anySatisfy(line -> assertThat(line).startsWith("plugin.conf:3: store.type: "));
    assertThatThrownBy(made::instance)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("sise");
  }

  @Test
  void tellsASyntaxError() {
    var made = PluginTester.of(factory).create("size = {");

    assertThat(made.problems()).singleElement().asString().startsWith("plugin.conf:1: ");
  }

  @Test
  void refusesTheConfigurationOfAnotherType() {
    assertThat(PluginTester.of(factory).create("type = other, size = 1").problems())
        .anySatisfy(line -> assertThat(line).contains("type: this is a test of \"sample\""));
  }

  @Test
  void lendsFakesThatTheTestMoves() {
    FakePluginContext context = new FakePluginContext().offer(store);
    context.upstream("auth", request -> new ClientResponse(200, Map.of(), new byte[0]));
    Middleware made =
        PluginTester.of(factory).with(context).create("type = sample, size = 3").instance();
    assertThat(context.meters().count("made_total", "size", "3")).isEqualTo(1);
    assertThat(context.meters().value("size")).isEqualTo(3);
    assertThat(context.planned()).isEqualTo(2);

    context.advance(Duration.ofSeconds(5));
    assertThat(events)
        .containsExactly("at 2026-01-01T00:00:02Z", "at 2026-01-01T00:00:04Z", "once");
    events.clear();
    ExchangeHarness.through(made).send("GET / HTTP/1.1");
    assertThat(events).containsExactly("ok");
    assertThat(context.sent()).extracting(ClientRequest::target).containsExactly("/check");
    assertThat(context.planned()).isZero();
    events.clear();
    context.close();
    assertThat(events).containsExactly("store closed");
  }

  @Test
  void anUpstreamThatNothingWasSaidOfRefuses() {
    FakePluginContext context = new FakePluginContext().offer(store);
    Middleware made = PluginTester.of(factory).with(context).create("size = 3").instance();

    ExchangeHarness.through(made).send("GET / HTTP/1.1");

    assertThat(events).singleElement().asString().contains("connection refused");
  }
}
