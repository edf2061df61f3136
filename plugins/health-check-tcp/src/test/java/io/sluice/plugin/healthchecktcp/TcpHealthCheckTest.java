package io.sluice.plugin.healthchecktcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.upstream.ClientRequest;
import io.sluice.api.upstream.ClientResponse;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.HealthCheck.Verdict;
import io.sluice.api.upstream.HealthCheckFactory;
import io.sluice.api.upstream.ProbeTarget;
import io.sluice.plugin.testkit.FakeEndpoint;
import io.sluice.plugin.testkit.PluginTester;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class TcpHealthCheckTest {

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(HealthCheckFactory.class))
        .anyMatch(factory -> factory.type().equals("tcp"));
  }

  @Test
  void onlyConnectsUnlessToldMore() {
    Target target = new Target("");

    assertThat(probe("", target)).isEqualTo(new Verdict(true, "connected"));
    assertThat(target.sent).isEmpty();
    assertThat(target.maxBytes).isZero();
  }

  @Test
  void sendsAndLooksForTheAnswer() {
    Target target = new Target("+PONG\r\n");

    assertThat(probe("send = \"PING\\\\r\\\\n\", expect = \"+PONG\"", target))
        .isEqualTo(new Verdict(true, "expected answer"));
    assertThat(target.sent).isEqualTo("PING\r\n");
    assertThat(target.maxBytes).isPositive();
  }

  @Test
  void failsAnotherAnswer() {
    assertThat(probe("expect = \"+PONG\"", new Target("-ERR")))
        .isEqualTo(new Verdict(false, "an answer of 4 bytes without the expected text"));
  }

  @Test
  void readsOnUntilTheTextIsThere() {
    Target target = new Target("220 mail.example ESMTP");
    probe("expect = \"220 \"", target);

    assertThat(target.enough("22")).isFalse();
    assertThat(target.enough("220 m")).isTrue();
  }

  @Test
  void refusesABrokenEscape() {
    assertThat(problems("send = \"\\\\q\""))
        .containsExactly(
            "plugin.conf:1: send: unknown escape \\q (expected: text with the escapes \\r \\n \\t \\0 \\\\ \\xHH, or hex:0AFF)");
  }

  @Test
  void refusesBrokenHexadecimal() {
    assertThat(problems("expect = \"hex:0\""))
        .containsExactly(
            "plugin.conf:1: expect: an odd number of hexadecimal digits (expected: text with the escapes \\r \\n \\t \\0 \\\\ \\xHH, or hex:0AFF)");
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new TcpHealthCheckFactory()).create(hocon).problems();
  }

  private static Verdict probe(String hocon, Target target) {
    HealthCheck check = PluginTester.of(new TcpHealthCheckFactory()).create(hocon).instance();
    return check.probe(target).toCompletableFuture().getNow(null);
  }

  private static final class Target implements ProbeTarget {

    private final byte[] answer;
    private String sent = "";
    private int maxBytes = -1;
    private Predicate<byte[]> enough = answer -> false;

    Target(String answer) {
      this.answer = answer.getBytes(StandardCharsets.UTF_8);
    }

    boolean enough(String soFar) {
      return enough.test(soFar.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Endpoint endpoint() {
      return FakeEndpoint.at("10.0.0.1:80");
    }

    @Override
    public CompletionStage<ClientResponse> http(ClientRequest request) {
      throw new AssertionError("a TCP check sends no HTTP");
    }

    @Override
    public CompletionStage<byte[]> exchange(
        byte[] send, int newMaxBytes, Predicate<byte[]> newEnough) {
      sent = new String(send, StandardCharsets.UTF_8);
      maxBytes = newMaxBytes;
      enough = newEnough;
      return CompletableFuture.completedFuture(answer);
    }
  }
}
