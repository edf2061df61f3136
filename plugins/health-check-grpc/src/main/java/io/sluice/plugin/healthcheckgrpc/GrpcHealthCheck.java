package io.sluice.plugin.healthcheckgrpc;

import io.sluice.api.upstream.ClientRequest;
import io.sluice.api.upstream.ClientResponse;
import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.ProbeTarget;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Calls {@code grpc.health.v1.Health/Check} (the gRPC health checking protocol): an endpoint is
 * well if it answers SERVING. One that does not know the health service, or not the one that is
 * asked about, is not.
 */
final class GrpcHealthCheck implements HealthCheck {

  private static final String METHOD = "/grpc.health.v1.Health/Check";
  private static final int MAX_CONTENT_BYTES = 4 * 1024;

  /** The platform cancels a probe at the block's {@code timeout}; this only must not be shorter. */
  private static final Duration LONGER_THAN_ANY_TIMEOUT = Duration.ofDays(1);

  /** The codes that an endpoint may well answer with; the others go by their number. */
  private static final Map<String, String> CODES =
      Map.of(
          "5", "5: the service is not known",
          "7", "7: permission denied",
          "12", "12: there is no health service",
          "14", "14: unavailable",
          "16", "16: unauthenticated");

  private final ClientRequest request;

  GrpcHealthCheck(GrpcHealthCheckConfig config) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", "application/grpc");
    headers.put("TE", "trailers");
    if (!config.host().isEmpty()) {
      headers.put("Host", config.host());
    }
    request =
        new ClientRequest(
            "POST",
            METHOD,
            headers,
            HealthMessages.request(config.service()),
            LONGER_THAN_ANY_TIMEOUT,
            MAX_CONTENT_BYTES);
  }

  @Override
  public CompletionStage<Verdict> probe(ProbeTarget target) {
    return target.http(request).thenApply(GrpcHealthCheck::judge);
  }

  private static Verdict judge(ClientResponse response) {
    if (response.status() != 200) {
      return new Verdict(false, "status " + response.status() + ", expected 200");
    }
    String code = code(response);
    if (!code.equals("0")) {
      return new Verdict(false, "grpc-status " + CODES.getOrDefault(code, code));
    }
    HealthMessages.Serving serving = HealthMessages.response(response.body());
    return serving == null
        ? new Verdict(false, "the answer is no HealthCheckResponse")
        : new Verdict(serving == HealthMessages.Serving.SERVING, serving.name());
  }

  /** In the trailers, or in the head where nothing else comes. */
  private static String code(ClientResponse response) {
    List<String> values = response.trailers().get("grpc-status");
    if (values == null) {
      values = response.headers().get("grpc-status");
    }
    String code = values == null || values.isEmpty() ? "" : values.get(0);
    return code.matches("[0-9]{1,4}") ? code : "is missing";
  }
}
