package io.sluice.plugin.headers;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadersConfigTest {

  @Test
  void isFoundUnderItsNameAndNeedsKeys() {
    assertThat(ServiceLoader.load(MiddlewareFactory.class))
        .anyMatch(factory -> factory.type().equals("headers") && !factory.safeWithoutConfig());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "type = headers, response.set { X-Frame-Options = DENY }",
        "request { set { a = \"{host}\" }, add { b = 1 }, remove = [c, D] }",
        "response { remove = Server }",
        "response { set { Host = x } }"
      })
  void accepts(String hocon) {
    assertThat(problems(hocon)).isEmpty();
  }

  @Test
  void refusesToDoNothing() {
    assertThat(problems(""))
        .containsExactly(
            "plugin.conf:1: says nothing to change (expected: request or response, with set, add or remove)");
    assertThat(problems("request {}"))
        .containsExactly(
            "plugin.conf:1: request: says nothing to change (expected: set, add or remove)");
  }

  @Test
  void refusesFramingHeaders() {
    assertThat(problems("request.set { Content-Length = 5 }"))
        .containsExactly(
            "plugin.conf:1: request.set.Content-Length: Content-Length is the proxy's own to write (expected: another header)");
    assertThat(problems("response.add { transfer-encoding = chunked }"))
        .containsExactly(
            "plugin.conf:1: response.add.transfer-encoding: transfer-encoding is the proxy's own to write (expected: another header)");
    assertThat(problems("response.remove = [Connection]"))
        .containsExactly(
            "plugin.conf:1: response.remove: Connection is the proxy's own to write (expected: another header)");
  }

  @Test
  void refusesToEditTheHostOfARequest() {
    assertThat(problems("request.set { host = a.example }"))
        .containsExactly(
            "plugin.conf:1: request.set.host: Host is not a header to edit (expected: rewrite.host in the route)");
  }

  @Test
  void refusesNamesThatAreNone() {
    assertThat(problems("request.set { \"X Y\" = a }"))
        .containsExactly(
            "plugin.conf:1: request.set.\"X Y\": \"X Y\" is not a header name (expected: letters, digits and hyphens)");
  }

  @Test
  void refusesAnEmptyValue() {
    assertThat(problems("request.set { X = \"\" }"))
        .containsExactly(
            "plugin.conf:1: request.set.X: an empty value; remove takes a header away (expected: text with {variables}; {{ and }} for braces)");
  }

  @Test
  void refusesALoneBrace() {
    assertThat(problems("request.set { X = \"{host\" }"))
        .containsExactly(
            "plugin.conf:1: request.set.X: a lone { (expected: text with {variables}; {{ and }} for braces)");
  }

  @Test
  void refusesAMisspeltKey() {
    assertThat(problems("reponse.set { X = a }, request.set { X = a }"))
        .containsExactly("plugin.conf:1: reponse: unknown key (did you mean \"response\"?)");
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new HeadersFactory()).create(hocon).problems();
  }
}
