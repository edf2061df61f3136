package io.sluice.plugin.healthcheckhttp;

import io.sluice.api.upstream.ClientRequest;
import io.sluice.api.upstream.ClientResponse;
import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.ProbeTarget;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Sends one request and judges the status and, if asked to, the content. Redirects are not
 * followed.
 */
final class HttpHealthCheck implements HealthCheck {

  /** As much content as a probe target reads. */
  private static final int MAX_CONTENT_BYTES = 64 * 1024;

  /** The platform cancels a probe at the block's {@code timeout}; this only must not be shorter. */
  private static final Duration LONGER_THAN_ANY_TIMEOUT = Duration.ofDays(1);

  private final HttpHealthCheckConfig config;
  private final ClientRequest request;

  HttpHealthCheck(HttpHealthCheckConfig config) {
    this.config = config;
    this.request =
        new ClientRequest(
            config.method(),
            config.path(),
            config.headers(),
            new byte[0],
            LONGER_THAN_ANY_TIMEOUT,
            MAX_CONTENT_BYTES);
  }

  @Override
  public CompletionStage<Verdict> probe(ProbeTarget target) {
    return target.http(request).thenApply(this::judge);
  }

  private Verdict judge(ClientResponse response) {
    if (!config.expect().contains(response.status())) {
      return new Verdict(false, "status " + response.status() + ", expected " + config.expect());
    }
    if (!contains(response.body(), config.body())) {
      return new Verdict(false, "status " + response.status() + ", content lacks the text of body");
    }
    return new Verdict(true, "status " + response.status());
  }

  private static boolean contains(byte[] content, byte[] wanted) {
    for (int i = 0; i <= content.length - wanted.length; i++) {
      int matched = 0;
      while (matched < wanted.length && content[i + matched] == wanted[matched]) {
        matched++;
      }
      if (matched == wanted.length) {
        return true;
      }
    }
    return false;
  }
}
