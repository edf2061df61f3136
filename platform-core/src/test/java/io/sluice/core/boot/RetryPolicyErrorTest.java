package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.ApiVersion;
import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.http.RequestHead;
import io.sluice.api.upstream.AttemptOutcome;
import io.sluice.api.upstream.RetryPolicy;
import io.sluice.api.upstream.RetryPolicyFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A retry policy that throws costs the retry, not the response. */
class RetryPolicyErrorTest {

  @TempDir Path home;
  private final Peer busy = Peer.of(request -> Peer.answer(request, 503, "busy"));
  private final Peer well = Peer.saying("well");

  /** Throws from the method that its key {@code from} names. */
  private static final class Throwing implements RetryPolicyFactory {
    @Override
    public String type() {
      return "throwing";
    }

    @Override
    public String apiVersion() {
      return ApiVersion.CURRENT;
    }

    @Override
    public RetryPolicy create(ConfigSection config, PluginContext context) {
      String from = config.string("from").describe("which method throws").orElse("");
      return new RetryPolicy() {
        private void at(String method) {
          if (method.equals(from)) {
            throw new LinkageError("as asked");
          }
        }

        @Override
        public RetryPolicy forRoute(String route) {
          at("forRoute");
          return this;
        }

        @Override
        public int maxAttempts() {
          at("maxAttempts");
          return 2;
        }

        @Override
        public long perTryNanos() {
          at("perTryNanos");
          return Long.MAX_VALUE;
        }

        @Override
        public void onRequest() {
          at("onRequest");
        }

        @Override
        public void onRequestEnd(int retries) {
          at("onRequestEnd");
        }

        @Override
        public long retryAfter(RequestHead request, AttemptOutcome outcome, int attempts) {
          at("retryAfter");
          return 0;
        }

        @Override
        public boolean retriesStatus(int status) {
          at("retriesStatus");
          return status == 503;
        }
      };
    }
  }

  @AfterEach
  void stop() {
    busy.close();
    well.close();
  }

  private Running before(String from) {
    return Running.start(
        home,
        Running.COMMON
            + """
            upstreams.app { endpoints = ["%s", "%s"], retry { type = throwing, from = "%s" } }
            routes = [ { upstream = app } ]
            """
                .formatted(busy.address(), well.address(), from),
        new Throwing());
  }

  private void expect(Running running, int status) throws Exception {
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/").status()).isEqualTo(status);
      assertThat(caller.get("/").status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"maxAttempts", "retryAfter", "retriesStatus"})
  void whatDecidesIsTakenForNo(String from) throws Exception {
    try (Running running = before(from)) {
      expect(running, 503);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "forRoute", "perTryNanos", "onRequest", "onRequestEnd"})
  void whatDoesNotIsPassedOver(String from) throws Exception {
    try (Running running = before(from)) {
      expect(running, 200);
    }
  }

  @Test
  void aRouteThatSaysOffNeverAsks() throws Exception {
    try (Running running =
        Running.start(
            home,
            Running.COMMON
                + """
                upstreams.app { endpoints = ["%s", "%s"], retry { type = throwing } }
                routes = [ { upstream = app, retry = off } ]
                """
                    .formatted(busy.address(), well.address()),
            new Throwing())) {
      expect(running, 503);
    }
  }
}
