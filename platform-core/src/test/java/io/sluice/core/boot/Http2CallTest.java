package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.upstream.ClientRequest;
import io.sluice.api.upstream.ClientResponse;
import io.sluice.api.upstream.UpstreamClient;
import io.sluice.core.upstream.Upstream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What plugins call through an upstream that speaks HTTP/2. */
class Http2CallTest {

  @TempDir Path home;
  private final AtomicReference<UpstreamClient> client = new AtomicReference<>();
  private final Http2Peer peer =
      Http2Peer.of(
          call -> {
            call.head(200, false, "x-kind", "test");
            call.data("to " + call.head.method() + " " + call.path() + " " + call.body(), false);
            call.headers(new DefaultHttp2Headers().add("x-verdict", "well"), true);
          });
  private Running running;

  private void start(String settings) {
    running =
        Running.start(
            home,
            "runtime.event-loops = 1\n"
                + Running.COMMON
                + "upstreams.app { protocol = http2, endpoints = [\""
                + peer.address()
                + "\"]\n"
                + settings
                + "\n}\nroutes = [ { middleware = [ calling ], upstream = app } ]\n",
            Running.middleware(
                "calling",
                (config, context) -> {
                  client.set(context.client(config, "upstream", "app"));
                  return new Middleware() {};
                }));
  }

  @AfterEach
  void stop() {
    running.close();
    peer.close();
  }

  private Upstream app() {
    return running.platform.loaded().upstream("app");
  }

  private CompletableFuture<ClientResponse> call(
      String method, String target, String body, Duration timeout, int room) {
    byte[] octets = body.getBytes(StandardCharsets.US_ASCII);
    return client
        .get()
        .send(new ClientRequest(method, target, Map.of("x-asked", "yes"), octets, timeout, room))
        .toCompletableFuture();
  }

  private static ErrorKind kind(CompletableFuture<ClientResponse> call) {
    AtomicReference<ErrorKind> kind = new AtomicReference<>();
    assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(ProxyError.class, error -> kind.set(error.kind()));
    return kind.get();
  }

  private void nothingIsLeft() {
    await().until(() -> app().inFlight() == 0 && app().endpoints().get(0).activeRequests() == 0);
    assertThat(app().connections()).isEqualTo(1);
  }

  @Test
  void callsShareAConnectionWithWhatIsProxied() throws Exception {
    start("");
    try (Caller caller = running.caller()) {
      assertThat(caller.get("/proxied").body()).startsWith("to GET /proxied ");
    }
    List<CompletableFuture<ClientResponse>> calls = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      calls.add(call("POST", "/called", "no " + i, Duration.ofSeconds(20), 1000));
    }
    for (int i = 0; i < 10; i++) {
      ClientResponse response = calls.get(i).get(20, TimeUnit.SECONDS);
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.headers().get("x-kind")).containsExactly("test");
      assertThat(new String(response.body(), StandardCharsets.US_ASCII))
          .isEqualTo("to POST /called no " + i);
      assertThat(response.trailers().get("x-verdict")).containsExactly("well");
    }
    Http2Peer.Call seen = peer.calls.get(1);
    assertThat(seen.head.get("x-asked")).asString().isEqualTo("yes");
    assertThat(seen.head.authority()).asString().isEqualTo(peer.address());
    assertThat(peer.connections).hasSize(1);
    nothingIsLeft();
  }

  @Test
  void aCallThatTakesTooLongResetsItsStreamAlone() throws Exception {
    start("");
    call("GET", "/", "", Duration.ofSeconds(20), 1000).get(20, TimeUnit.SECONDS);
    peer.script = call -> {};
    assertThat(kind(call("GET", "/", "", Duration.ofSeconds(1), 1000)))
        .isEqualTo(ErrorKind.RESPONSE_TIMEOUT);
    await().until(() -> peer.calls.size() == 2);
    await().until(() -> peer.calls.get(1).resetBy == Http2Error.CANCEL.code());
    peer.script = call -> call.answer(200, "ok");
    assertThat(
            call("GET", "/", "", Duration.ofSeconds(20), 1000).get(20, TimeUnit.SECONDS).status())
        .isEqualTo(200);
    nothingIsLeft();
  }

  @Test
  void aCallWhoseAnswerIsTooLargeResetsItsStreamAlone() throws Exception {
    start("");
    peer.script = call -> call.answer(200, "x".repeat(100_000));
    assertThat(kind(call("GET", "/", "", Duration.ofSeconds(20), 1000)))
        .isEqualTo(ErrorKind.RESPONSE_TOO_LARGE);
    peer.script = call -> call.answer(200, "ok");
    assertThat(
            call("GET", "/", "", Duration.ofSeconds(20), 1000).get(20, TimeUnit.SECONDS).status())
        .isEqualTo(200);
    nothingIsLeft();
  }

  @Test
  void aCallThatIsResetOrBreaksOffFails() throws Exception {
    start("");
    peer.script = call -> call.reset(Http2Error.INTERNAL_ERROR);
    assertThat(kind(call("GET", "/", "", Duration.ofSeconds(20), 1000)))
        .isEqualTo(ErrorKind.CONNECTION_TERMINATED);
    peer.script =
        call -> {
          call.head(200, false);
          call.data("half", false);
          call.reset(Http2Error.INTERNAL_ERROR);
        };
    assertThat(kind(call("GET", "/", "", Duration.ofSeconds(20), 1000)))
        .isEqualTo(ErrorKind.RESPONSE_BROKEN);
    nothingIsLeft();
  }
}
