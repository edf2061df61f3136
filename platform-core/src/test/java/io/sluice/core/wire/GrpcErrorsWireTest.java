package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.core.wire.RawClient.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a gRPC call gets where the proxy itself answers, and how long it may take. */
class GrpcErrorsWireTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final RawEndpoint endpoint = RawEndpoint.answering(OK);
  private Proxy proxy;

  @BeforeEach
  void start() {
    proxy =
        Proxy.start(
            """
            listeners.web { bind = "127.0.0.1:0", limits.max-body-size = 100B }
            upstreams.app { endpoints = ["%s"], retry { attempts = 1 } }
            upstreams.closed { endpoints = ["127.0.0.1:1"] }
            routes = [
              { match.path = "/closed", upstream = closed }
              { match.path = "/failing", middleware = [failing], upstream = app }
              { match.path = "/slow", timeouts.first-byte = 200ms, upstream = app }
              { match.path = "/limited", timeouts.request = 1s, upstream = app }
              { match.path = "/app", upstream = app } ]
            """
                .formatted(endpoint.address()));
  }

  @AfterEach
  void stop() {
    proxy.close();
    endpoint.close();
  }

  private Response call(String path, String more) {
    try (RawClient client = proxy.connect()) {
      return client
          .send(
              "POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc+proto\r\n%s\r\n"
                  .formatted(path, more))
          .read();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/nowhere,12,no_route,destination_not_found",
    "/closed,14,connection_refused,connection_refused",
    "/failing,13,internal_error,proxy_internal_error",
    "/slow,4,response_timeout,http_response_timeout",
    "/limited,4,request_deadline,http_response_timeout"
  })
  void errorsAreTrailersOnlyResponses(String path, int code, String kind, String error) {
    endpoint.script(RawEndpoint.Peer::readToEnd);
    Response response = call(path, "Content-Length: 0\r\n");
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("Content-Type")).isEqualTo("application/grpc");
    assertThat(response.header("grpc-status")).isEqualTo(Integer.toString(code));
    assertThat(response.header("grpc-message"))
        .matches(kind + "(: .*)? \\(exchange [0-9a-f]{16}\\)");
    assertThat(response.header("Proxy-Status")).startsWith("sluice; error=" + error);
    assertThat(response.body()).isEmpty();
  }

  @Test
  void contentOverTheLimitIsAResourceThatIsExhausted() {
    assertThat(call("/app", "Content-Length: 101\r\n").header("grpc-status")).isEqualTo("8");
  }

  @Test
  void whatAnEndpointAnswersIsLeftAsItIs() {
    endpoint.script(
        RawEndpoint.always("HTTP/1.1 503 Unavailable\r\nContent-Length: 4\r\n\r\nbusy"));
    Response response = call("/app", "Content-Length: 0\r\n");
    assertThat(response.status()).isEqualTo(503);
    assertThat(response.header("grpc-status")).isNull();
  }

  @Test
  void aCallTakesNoLongerThanItsClientAsksAndNoEndpointIsBlamed() {
    endpoint.script(RawEndpoint.Peer::readToEnd);
    Response response = call("/app", "grpc-timeout: 1000m\r\nContent-Length: 0\r\n");
    assertThat(response.header("grpc-status")).isEqualTo("4");
    isToldOfASecondAtMost();
    await()
        .untilAsserted(
            () ->
                assertThat(proxy.metrics("sluice_attempts_total"))
                    .anyMatch(
                        line -> line.contains("upstream=\"app\"") && line.contains("cancelled")));
    assertThat(proxy.metrics("sluice_attempts_total"))
        .noneMatch(line -> line.contains("request_deadline") && !line.endsWith(" 0.0"));
  }

  @Test
  void theShorterOfBothLimitsHolds() {
    endpoint.script(RawEndpoint.Peer::readToEnd);
    Response response = call("/limited", "grpc-timeout: 1H\r\nContent-Length: 0\r\n");
    assertThat(response.header("grpc-status")).isEqualTo("4");
    isToldOfASecondAtMost();
  }

  /** The endpoint may read it after the client has its answer. */
  private void isToldOfASecondAtMost() {
    await()
        .untilAsserted(
            () ->
                assertThat(endpoint.received())
                    .containsPattern("grpc-timeout: ([0-9]{1,3}|1000)m\r\n"));
  }

  @Test
  void theFieldMeansNothingToOtherRequests() {
    try (RawClient client = proxy.connect()) {
      client.send("GET /app HTTP/1.1\r\nHost: a\r\ngrpc-timeout: 1n\r\n\r\n");
      assertThat(client.read().body()).isEqualTo("ok");
    }
    assertThat(endpoint.received()).contains("grpc-timeout: 1n\r\n");
  }
}
