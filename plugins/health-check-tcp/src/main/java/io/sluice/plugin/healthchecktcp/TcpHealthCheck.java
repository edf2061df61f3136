package io.sluice.plugin.healthchecktcp;

import io.sluice.api.upstream.HealthCheck;
import io.sluice.api.upstream.ProbeTarget;
import java.util.concurrent.CompletionStage;

/** Connects, sends what it was told to, and looks for what it was told to expect. */
final class TcpHealthCheck implements HealthCheck {

  /** An answer that does not hold the expected text by then never will. */
  private static final int MAX_ANSWER_BYTES = 16 * 1024;

  private final TcpHealthCheckConfig config;

  TcpHealthCheck(TcpHealthCheckConfig config) {
    this.config = config;
  }

  @Override
  public CompletionStage<Verdict> probe(ProbeTarget target) {
    int maxBytes = config.expect().length == 0 ? 0 : MAX_ANSWER_BYTES;
    return target.exchange(config.send(), maxBytes, this::isExpected).thenApply(this::judge);
  }

  private Verdict judge(byte[] answer) {
    if (config.expect().length == 0) {
      return new Verdict(true, "connected");
    }
    return isExpected(answer)
        ? new Verdict(true, "expected answer")
        : new Verdict(false, "an answer of " + answer.length + " bytes without the expected text");
  }

  private boolean isExpected(byte[] answer) {
    byte[] wanted = config.expect();
    for (int i = 0; i <= answer.length - wanted.length; i++) {
      int matched = 0;
      while (matched < wanted.length && answer[i + matched] == wanted[matched]) {
        matched++;
      }
      if (matched == wanted.length) {
        return true;
      }
    }
    return false;
  }
}
