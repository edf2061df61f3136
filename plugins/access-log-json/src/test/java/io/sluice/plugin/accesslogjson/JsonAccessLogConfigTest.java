package io.sluice.plugin.accesslogjson;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.observe.AccessLogFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonAccessLogConfigTest {

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(AccessLogFactory.class))
        .anyMatch(factory -> factory.type().equals("json"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "type = json, to = stdout",
        "to = stderr",
        "to = logs/access.log, max-size = 1G, keep = 0, buffer = 4M",
        "to = \"/var/log/a.log\", max-size = unlimited",
        "fields = [time, status, \"header:X-Tenant\", \"response-header:Server\"]"
      })
  void accepts(String hocon) {
    assertThat(problems(hocon)).isEmpty();
  }

  @Test
  void refusesNoPlaceToWriteTo() {
    assertThat(problems("to = \"\""))
        .containsExactly(
            "plugin.conf:1: to: \"\" is not accepted (expected: stdout, stderr, or the name of a file)");
  }

  @Test
  void refusesFieldsThatAreNone() {
    assertThat(problems("fields = [time, statsu]"))
        .containsExactly(
            "plugin.conf:1: fields: unknown field \"statsu\" (expected: time, exchange, listener, route, upstream, endpoint, client, peer, method, scheme, host, path, query, protocol, status, duration_ms, request_bytes, response_bytes, attempts, error, outcome, user_agent, referer, header:NAME or response-header:NAME)");
    assertThat(problems("fields = []"))
        .containsExactly(
            "plugin.conf:1: fields: the value is not accepted (expected: at least one field)");
    assertThat(problems("fields = [\"header:X Y\"]")).hasSize(1);
  }

  @Test
  void refusesSizesOutOfRange() {
    assertThat(problems("max-size = 1K"))
        .containsExactly(
            "plugin.conf:1: max-size: \"1K\" is not accepted (expected: at least 64K, or unlimited)");
    assertThat(problems("buffer = 1K"))
        .containsExactly(
            "plugin.conf:1: buffer: \"1K\" is not accepted (expected: a size from 256K to 64M)");
    assertThat(problems("keep = -1"))
        .containsExactly(
            "plugin.conf:1: keep: \"-1\" is out of range (expected: a whole number from 0 to 1000)");
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new JsonAccessLogFactory()).create(hocon).problems();
  }
}
