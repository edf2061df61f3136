package io.sluice.plugin.healthcheckgrpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.upstream.ClientRequest;
import io.sluice.api.upstream.ClientResponse;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.HealthCheck.Verdict;
import io.sluice.api.upstream.ProbeTarget;
import io.sluice.plugin.testkit.FakeEndpoint;
import io.sluice.plugin.testkit.PluginTester;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrpcHealthCheckTest {

  private static final Map<String, List<String>> OK = Map.of("grpc-status", List.of("0"));

  @Test
  void callsTheHealthServiceWithTheNameOfTheService() {
    Target target = new Target(200, Map.of(), "", OK);

    probe("service = \"a.B\", host = orders.example", target);

    ClientRequest sent = target.sent.get(0);
    assertThat(sent.method()).isEqualTo("POST");
    assertThat(sent.target()).isEqualTo("/grpc.health.v1.Health/Check");
    assertThat(sent.headers())
        .containsEntry("Content-Type", "application/grpc")
        .containsEntry("TE", "trailers")
        .containsEntry("Host", "orders.example");
    // prefix: not compressed, five octets; then field 1, three octets, a.B
    assertThat(HexFormat.of().formatHex(sent.body())).isEqualTo("00" + "00000005" + "0a03612e42");
  }

  @Test
  void asksAboutTheWholeServerByAnEmptyMessage() {
    Target target = new Target(200, Map.of(), "", OK);

    probe("", target);

    assertThat(target.sent.get(0).body()).containsExactly(0, 0, 0, 0, 0);
    assertThat(target.sent.get(0).headers()).doesNotContainKey("Host");
  }

  @Test
  void writesTheLengthOfALongNameAsAVarint() {
    byte[] request = HealthMessages.request("x".repeat(300));

    assertThat(HexFormat.of().formatHex(request, 0, 8)).isEqualTo("00" + "0000012f" + "0aac02");
    assertThat(request).hasSize(5 + 3 + 300);
  }

  @ParameterizedTest
  @CsvSource({
    "0801,true,SERVING",
    "0802,false,NOT_SERVING",
    "0803,false,SERVICE_UNKNOWN",
    "0800,false,UNKNOWN",
    "'',false,UNKNOWN",
    "0809,false,UNKNOWN",
    "120361626308011a00,true,SERVING",
    "1500000000" + "0801,true,SERVING",
  })
  void judgesByTheStatusOfTheMessage(String message, boolean healthy, String detail) {
    assertThat(probe("", new Target(200, Map.of(), framed(message), OK)))
        .isEqualTo(new Verdict(healthy, detail));
  }

  @ParameterizedTest
  @CsvSource({
    "010000000008", // compressed
    "0000000003" + "0801", // shorter than its prefix says
    "00000000020801" + "ff", // longer
    "0000000001" + "08", // a field without its value
    "0000000002" + "1204", // a length that is not there
    "0000000001" + "0b", // a group, which proto3 has not
    "000000",
  })
  void refusesWhatIsNoMessage(String content) {
    assertThat(probe("", new Target(200, Map.of(), content, OK)))
        .isEqualTo(new Verdict(false, "the answer is no HealthCheckResponse"));
  }

  @ParameterizedTest
  @CsvSource({
    "5,5: the service is not known",
    "12,12: there is no health service",
    "13,13",
    "soon,is missing",
  })
  void failsAnotherCodeAndSaysWhich(String code, String detail) {
    Map<String, List<String>> trailers = Map.of("grpc-status", List.of(code));

    assertThat(probe("", new Target(200, Map.of(), framed("0801"), trailers)))
        .isEqualTo(new Verdict(false, "grpc-status " + detail));
  }

  @Test
  void findsTheCodeInAHeadThatIsAlone() {
    Map<String, List<String>> head = Map.of("grpc-status", List.of("12"));

    assertThat(probe("", new Target(200, head, "", Map.of())).detail())
        .isEqualTo("grpc-status 12: there is no health service");
  }

  @Test
  void failsAnAnswerWithoutACode() {
    assertThat(probe("", new Target(200, Map.of(), framed("0801"), Map.of())))
        .isEqualTo(new Verdict(false, "grpc-status is missing"));
  }

  @Test
  void failsAnotherHttpStatus() {
    assertThat(probe("", new Target(404, Map.of(), "", Map.of())))
        .isEqualTo(new Verdict(false, "status 404, expected 200"));
  }

  private static String framed(String message) {
    return "00%08x%s".formatted(message.length() / 2, message);
  }

  private static Verdict probe(String hocon, Target target) {
    HealthCheck check = PluginTester.of(new GrpcHealthCheckFactory()).create(hocon).instance();
    return check.probe(target).toCompletableFuture().getNow(null);
  }

  private static final class Target implements ProbeTarget {

    private final List<ClientRequest> sent = new ArrayList<>();
    private final ClientResponse answer;

    Target(
        int status,
        Map<String, List<String>> headers,
        String content,
        Map<String, List<String>> trailers) {
      answer = new ClientResponse(status, headers, HexFormat.of().parseHex(content), trailers);
    }

    @Override
    public Endpoint endpoint() {
      return FakeEndpoint.at("10.0.0.1:80");
    }

    @Override
    public CompletionStage<ClientResponse> http(ClientRequest request) {
      sent.add(request);
      return CompletableFuture.completedFuture(answer);
    }

    @Override
    public CompletionStage<byte[]> exchange(byte[] send, int maxBytes, Predicate<byte[]> enough) {
      throw new AssertionError("a gRPC check speaks HTTP/2");
    }
  }
}
