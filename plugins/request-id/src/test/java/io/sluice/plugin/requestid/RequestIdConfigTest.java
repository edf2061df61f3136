package io.sluice.plugin.requestid;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdConfigTest {

  @Test
  void isFoundUnderItsNameAndNeedsNoKeys() {
    assertThat(ServiceLoader.load(MiddlewareFactory.class))
        .anyMatch(factory -> factory.type().equals("request-id") && factory.safeWithoutConfig());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "type = request-id", "header = X-Id, trust = never, format = hex, echo = off"})
  void accepts(String hocon) {
    assertThat(problems(hocon)).isEmpty();
  }

  @Test
  void refusesAHeaderThatIsNone() {
    assertThat(problems("header = \"X Id\""))
        .containsExactly(
            "plugin.conf:1: header: not a header name: \"X Id\" (expected: a header name)");
  }

  @Test
  void refusesAHeaderOfTheProxy() {
    assertThat(problems("header = Content-Length"))
        .containsExactly(
            "plugin.conf:1: header: \"Content-Length\" is not accepted (expected: a header that is not the proxy's own)");
  }

  @Test
  void refusesUnknownChoices() {
    assertThat(problems("trust = sometimes"))
        .containsExactly(
            "plugin.conf:1: trust: unknown choice \"sometimes\" (expected: one of trusted, always, never)");
    assertThat(problems("format = uid"))
        .containsExactly("plugin.conf:1: format: unknown choice \"uid\" (did you mean \"uuid\"?)");
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new RequestIdFactory()).create(hocon).problems();
  }
}
