package io.sluice.plugin.accesslogjson;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.middleware.Outcome.Result;
import io.sluice.api.observe.AccessLog;
import io.sluice.api.observe.TcpConnection;
import io.sluice.plugin.testkit.ExchangeHarness;
import io.sluice.plugin.testkit.FakeEndpoint;
import io.sluice.plugin.testkit.FakeExchange;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.FakeTcpConnection;
import io.sluice.plugin.testkit.PluginTester;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonAccessLogTest {

  private static final Outcome COMPLETED =
      new Outcome(Result.COMPLETED, 200, null, 12_345_678, 5, 1_024, 1);

  @TempDir Path folder;

  private final FakePluginContext context = new FakePluginContext("access-log");

  @Test
  void writesEveryDefaultField() throws IOException {
    FakeExchange exchange =
        FakeExchange.of(
                "GET /users?id=1 HTTP/1.1\nHost: A.example:8080\nUser-Agent: curl/8\nReferer: https://b.example/")
            .trusted(true);
    exchange.attempt(FakeEndpoint.at("10.0.0.1:9090"));

    assertThat(logged("", exchange, COMPLETED))
        .isEqualTo(
            "{\"time\":\"2025-12-31T23:59:59.988Z\",\"exchange\":\"00000000000000a1\","
                + "\"listener\":\"web\",\"route\":\"test-route\",\"upstream\":\"test-upstream\","
                + "\"endpoint\":\"10.0.0.1:9090\",\"client\":\"203.0.113.7\",\"method\":\"GET\","
                + "\"scheme\":\"http\",\"host\":\"a.example\",\"path\":\"/users\",\"query\":\"id=1\","
                + "\"protocol\":\"HTTP/1.1\",\"status\":200,\"duration_ms\":12.345,"
                + "\"request_bytes\":5,\"response_bytes\":1024,\"attempts\":1,"
                + "\"outcome\":\"completed\",\"user_agent\":\"curl/8\","
                + "\"referer\":\"https://b.example/\"}\n");
  }

  @Test
  void writesChosenFieldsInTheirOrder() throws IOException {
    FakeExchange exchange = FakeExchange.of("GET / HTTP/1.1\nX-Tenant: blue").trusted(true);

    assertThat(
            logged(
                "fields = [peer, status, \"header:X-Tenant\", \"header:X-Absent\"]",
                exchange,
                COMPLETED))
        .isEqualTo("{\"peer\":\"10.0.0.254\",\"status\":200,\"header:X-Tenant\":\"blue\"}\n");
  }

  @Test
  void writesHeadersOfTheResponseIfThereIsOne() throws IOException {
    FakeExchange answered =
        ExchangeHarness.through().send("GET / HTTP/1.1").answer("200\nX-Cache: hit");
    String fields = "fields = [\"response-header:X-Cache\"]";

    assertThat(logged(fields, answered, COMPLETED))
        .isEqualTo("{\"response-header:X-Cache\":\"hit\"}\n");
    assertThat(logged(fields, FakeExchange.of("GET / HTTP/1.1"), COMPLETED)).endsWith("{}\n");
  }

  @Test
  void namesWhatFailed() throws IOException {
    ProxyError error = new ProxyError(ErrorKind.CONNECTION_REFUSED, true, "refused", null);
    Outcome failed = new Outcome(Result.FAILED, 502, error, 1_000_000, 0, 0, 3);

    assertThat(
            logged(
                "fields = [status, error, outcome, attempts]",
                FakeExchange.of("GET / HTTP/1.1"),
                failed))
        .isEqualTo(
            "{\"status\":502,\"error\":\"connection_refused\",\"outcome\":\"failed\",\"attempts\":3}\n");
  }

  @Test
  void writes499ForAClientThatLeft() throws IOException {
    Outcome cancelled = new Outcome(Result.CANCELLED, 200, null, 1_000_000, 0, 0, 1);

    assertThat(logged("fields = [status, outcome]", FakeExchange.of("GET / HTTP/1.1"), cancelled))
        .isEqualTo("{\"status\":499,\"outcome\":\"cancelled\"}\n");
  }

  @Test
  void writesWhatAConnectionHas() throws IOException {
    TcpConnection relayed =
        FakeTcpConnection.relayed(FakeEndpoint.at("10.0.0.1:5432"), "a.example.com");

    assertThat(logged("", relayed))
        .isEqualTo(
            "{\"time\":\"2025-12-31T23:59:59.988Z\",\"exchange\":\"00000000000000b1\","
                + "\"listener\":\"tcp\",\"upstream\":\"test-upstream\","
                + "\"endpoint\":\"10.0.0.1:5432\",\"client\":\"203.0.113.7\","
                + "\"host\":\"a.example.com\",\"protocol\":\"tcp\",\"duration_ms\":12.345,"
                + "\"request_bytes\":5,\"response_bytes\":1024,\"attempts\":1,"
                + "\"outcome\":\"completed\"}\n");
    assertThat(
            logged(
                "fields = [peer, status, error, outcome, \"header:X\"]",
                FakeTcpConnection.failed(ErrorKind.NO_ENDPOINT)))
        .endsWith("{\"peer\":\"10.0.0.254\",\"error\":\"no_endpoint\",\"outcome\":\"failed\"}\n");
  }

  @Test
  void cannotBeForgedByARequest() throws IOException {
    FakeExchange exchange =
        FakeExchange.of(
            "GET /\"}{\"status\":200 HTTP/1.1\nUser-Agent: a\"b\\c\u001b[2J\nReferer: \u00ff");

    String text = logged("fields = [path, user_agent, referer]", exchange, COMPLETED);

    assertThat(text)
        .isEqualTo(
            "{\"path\":\"/\\\"}{\\\"status\\\":200\",\"user_agent\":\"a\\\"b\\\\c\\u001b[2J\","
                + "\"referer\":\"\\u00ff\"}\n");
  }

  private String logged(String hocon, FakeExchange exchange, Outcome outcome) throws IOException {
    AccessLog log = log(hocon);
    log.log(exchange, outcome);
    return written(log);
  }

  private String logged(String hocon, TcpConnection connection) throws IOException {
    AccessLog log = log(hocon);
    log.log(connection);
    return written(log);
  }

  private AccessLog log(String hocon) {
    return PluginTester.of(new JsonAccessLogFactory())
        .with(context)
        .in(folder)
        .create("to = access.log\n" + hocon)
        .instance();
  }

  private String written(AccessLog log) throws IOException {
    log.close();
    return Files.readString(folder.resolve("access.log"));
  }
}
