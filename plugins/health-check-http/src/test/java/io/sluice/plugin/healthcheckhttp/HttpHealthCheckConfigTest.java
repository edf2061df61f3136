package io.sluice.plugin.healthcheckhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.upstream.HealthCheckFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpHealthCheckConfigTest {

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(HealthCheckFactory.class))
        .anyMatch(factory -> factory.type().equals("http"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "type = http, path = /health",
        "path = \"/health?deep=1\"",
        "expect = 204",
        "expect = [\"200-299\", 404]",
        "method = OPTIONS, host = \"app.example:8080\", body = ok, headers { Accept = text/plain }"
      })
  void accepts(String hocon) {
    assertThat(problems(hocon)).isEmpty();
  }

  @Test
  void refusesAPathWithoutASlash() {
    assertThat(problems("path = health"))
        .containsExactly(
            "plugin.conf:1: path: \"health\" is not accepted (expected: a path that begins with / and has no spaces)");
  }

  @Test
  void refusesAPathThatWouldSplitTheRequest() {
    assertThat(problems("path = \"/ HTTP/1.1\\r\\nX: y\"")).hasSize(1);
  }

  @Test
  void refusesAMethodThatIsNone() {
    assertThat(problems("method = \"GET /\""))
        .containsExactly(
            "plugin.conf:1: method: \"GET /\" is not accepted (expected: a method such as GET)");
  }

  @Test
  void refusesAStatusThatIsNone() {
    assertThat(problems("expect = [2xx]"))
        .containsExactly(
            "plugin.conf:1: expect: \"2xx\" is not a status code or a range (expected: a status code or a range, such as 200 or 200-299)");
  }

  @Test
  void refusesHostAmongTheHeaders() {
    assertThat(problems("headers { Host = a.example }"))
        .containsExactly(
            "plugin.conf:1: headers.Host: Host is set by the key host (expected: host = \"a.example\")");
  }

  @Test
  void refusesAHeaderThatWouldSplitTheRequest() {
    assertThat(problems("headers { X = \"a\\r\\nY: b\" }"))
        .containsExactly(
            "plugin.conf:1: headers.X: a header value cannot hold control characters (expected: visible ASCII text)");
  }

  @Test
  void refusesAHeaderNameThatIsNone() {
    assertThat(problems("headers { \"X Y\" = a }"))
        .containsExactly(
            "plugin.conf:1: headers.\"X Y\": not a header name (expected: letters, digits and hyphens)");
  }

  @Test
  void collectsEveryProblem() {
    assertThat(problems("path = a\nmethod = \"\"\nexpect = []\nbodi = ok")).hasSize(4);
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new HttpHealthCheckFactory()).create(hocon).problems();
  }
}
