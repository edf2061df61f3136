package io.sluice.plugin.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.LoadBalancerFactory;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SluiceExtensionTest {

  private final ScriptedEndpoint app = ScriptedEndpoint.start("app");

  @RegisterExtension
  private final SluiceExtension sluice =
      SluiceExtension.config(() -> config("first")).plugin(new Stamping()).plugin(new FirstOne());

  private String config(String stamp) {
    return """
        listeners.web.bind = "127.0.0.1:0"
        admin.bind = "127.0.0.1:0"
        access-log = off
        upstreams.app { endpoints = ["%s"], balancer.type = first, retry = off }
        routes = [ { middleware = [ { type = stamp, text = %s } ], upstream = app } ]
        """
        .formatted(app.address(), stamp);
  }

  @AfterEach
  void stop() {
    app.close();
  }

  @Test
  void aRequestGoesThroughThePluginToTheEndpointAndBack() {
    HttpRequest post =
        sluice
            .request("/a?b=c", "X-Test", "yes")
            .POST(HttpRequest.BodyPublishers.ofString("content"))
            .build();

    HttpResponse<String> response = sluice.send(post);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("app");
    assertThat(response.headers().firstValue("Stamp")).contains("first");
    ScriptedEndpoint.Received received = app.received().get(0);
    assertThat(received.target()).isEqualTo("/a?b=c");
    assertThat(received.body()).isEqualTo("content");
    assertThat(received.header("X-Test")).isEqualTo("yes");
  }

  @Test
  void aReloadChangesThePluginAndABadOneIsRefusedWithItsProblems() {
    assertThat(sluice.get("/").headers().firstValue("Stamp")).contains("first");

    assertThat(sluice.reload(config("second")).ok()).isTrue();
    assertThat(sluice.get("/").headers().firstValue("Stamp")).contains("second");
    assertThat(sluice.reload(config("third, tezt = 1")).problems())
        .singleElement()
        .asString()
        .contains("tezt");
    assertThat(sluice.get("/").headers().firstValue("Stamp")).contains("second");
  }

  private static final class Stamping implements MiddlewareFactory {

    @Override
    public String type() {
      return "stamp";
    }

    @Override
    public Middleware create(ConfigSection config, PluginContext context) {
      String text = config.string("text").required();
      return new Middleware() {
        @Override
        public Flow onResponse(Exchange exchange) {
          exchange.response().headers().set("Stamp", text);
          return Flow.CONTINUE;
        }
      };
    }
  }

  private static final class FirstOne implements LoadBalancerFactory {

    @Override
    public String type() {
      return "first";
    }

    @Override
    public LoadBalancer create(ConfigSection config, PluginContext context) {
      return candidates -> request -> candidates.get(0);
    }
  }
}
