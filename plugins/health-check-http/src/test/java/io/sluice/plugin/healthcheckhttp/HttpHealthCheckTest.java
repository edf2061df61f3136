package io.sluice.plugin.healthcheckhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.upstream.ClientRequest;
import io.sluice.api.upstream.ClientResponse;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.HealthCheck.Verdict;
import io.sluice.api.upstream.ProbeTarget;
import io.sluice.plugin.testkit.FakeEndpoint;
import io.sluice.plugin.testkit.PluginTester;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class HttpHealthCheckTest {

  @Test
  void asksWithTheConfiguredRequest() {
    Target target = new Target(200, "");

    probe(
        "path = \"/health?deep=1\", method = HEAD, host = app.example, headers { X-Probe = yes }",
        target);

    ClientRequest sent = target.sent.get(0);
    assertThat(sent.method()).isEqualTo("HEAD");
    assertThat(sent.target()).isEqualTo("/health?deep=1");
    assertThat(sent.headers())
        .containsExactlyInAnyOrderEntriesOf(Map.of("Host", "app.example", "X-Probe", "yes"));
    assertThat(sent.body()).isEmpty();
  }

  @Test
  void passesAnySuccessUnlessToldOtherwise() {
    assertThat(probe("", new Target(204, ""))).isEqualTo(new Verdict(true, "status 204"));
  }

  @Test
  void failsAnotherStatus() {
    assertThat(probe("", new Target(503, "")))
        .isEqualTo(new Verdict(false, "status 503, expected 200-299"));
  }

  @Test
  void doesNotTakeARedirectForHealth() {
    assertThat(probe("", new Target(302, "")).healthy()).isFalse();
  }

  @Test
  void passesAnExpectedErrorStatus() {
    assertThat(probe("expect = [200, 401]", new Target(401, "")).healthy()).isTrue();
  }

  @Test
  void looksForTextAnywhereInTheContent() {
    assertThat(probe("body = \"\\\"UP\\\"\"", new Target(200, "{\"status\":\"UP\"}")).healthy())
        .isTrue();
  }

  @Test
  void failsContentWithoutTheText() {
    assertThat(probe("body = UP", new Target(200, "U P")))
        .isEqualTo(new Verdict(false, "status 200, content lacks the text of body"));
  }

  @Test
  void looksForTextBeyondAscii() {
    assertThat(probe("body = \"läuft\"", new Target(200, "alles läuft")).healthy()).isTrue();
  }

  @Test
  void passesOnWhyTheProbeFailed() {
    HealthCheck check = PluginTester.of(new HttpHealthCheckFactory()).create("").instance();
    IOException refused = new IOException("connection refused");

    CompletableFuture<Verdict> verdict = check.probe(new Target(refused)).toCompletableFuture();

    assertThat(verdict).isCompletedExceptionally();
    assertThat(verdict)
        .failsWithin(java.time.Duration.ZERO)
        .withThrowableThat()
        .havingRootCause()
        .isSameAs(refused);
  }

  private static Verdict probe(String hocon, Target target) {
    HealthCheck check = PluginTester.of(new HttpHealthCheckFactory()).create(hocon).instance();
    return check.probe(target).toCompletableFuture().getNow(null);
  }

  private static final class Target implements ProbeTarget {

    private final List<ClientRequest> sent = new ArrayList<>();
    private final CompletionStage<ClientResponse> answer;

    Target(int status, String body) {
      answer =
          CompletableFuture.completedFuture(
              new ClientResponse(status, Map.of(), body.getBytes(StandardCharsets.UTF_8)));
    }

    Target(Exception failure) {
      answer = CompletableFuture.failedFuture(failure);
    }

    @Override
    public Endpoint endpoint() {
      return FakeEndpoint.at("10.0.0.1:80");
    }

    @Override
    public CompletionStage<ClientResponse> http(ClientRequest request) {
      sent.add(request);
      return answer;
    }

    @Override
    public CompletionStage<byte[]> exchange(byte[] send, int maxBytes, Predicate<byte[]> enough) {
      throw new AssertionError("an HTTP check sends HTTP");
    }
  }
}
