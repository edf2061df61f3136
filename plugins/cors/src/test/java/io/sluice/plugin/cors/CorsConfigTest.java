package io.sluice.plugin.cors;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CorsConfigTest {

  @Test
  void isFoundUnderItsNameAndNeedsKeys() {
    assertThat(ServiceLoader.load(MiddlewareFactory.class))
        .anyMatch(factory -> factory.type().equals("cors") && !factory.safeWithoutConfig());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "allow-origins = \"*\"",
        """
        type = cors, allow-origins = ["https://app.example.com"], allow-methods = [GET, POST]
        allow-headers = [Content-Type], expose-headers = [X-Total], allow-credentials = true, max-age = 1h
        """,
        "allow-origins = [\"https://*.example.com\", \"null\"], allow-headers = \"*\""
      })
  void accepts(String hocon) {
    assertThat(problems(hocon)).isEmpty();
  }

  @Test
  void refusesToRunWithoutOrigins() {
    assertThat(problems(""))
        .containsExactly(
            "plugin.conf:1: allow-origins: is missing (expected: at least one origin, or *)");
    assertThat(problems("allow-origins = []"))
        .containsExactly(
            "plugin.conf:1: allow-origins: the value is not accepted (expected: at least one origin, or *)");
  }

  @Test
  void refusesAnOriginThatIsNone() {
    assertThat(problems("allow-origins = [app.example.com]"))
        .containsExactly(
            "plugin.conf:1: allow-origins: \"app.example.com\" is not an origin (expected: an origin such as https://app.example.com or https://*.example.com, null, or *)");
  }

  @Test
  void refusesCredentialsForEveryone() {
    assertThat(problems("allow-origins = [\"*\"], allow-credentials = on"))
        .containsExactly(
            "plugin.conf:1: allow-credentials: cannot be on while allow-origins is * (expected: listed origins)");
  }

  @Test
  void refusesCredentialsForTheOpaqueOrigin() {
    assertThat(problems("allow-origins = [\"null\"], allow-credentials = on"))
        .containsExactly(
            "plugin.conf:1: allow-credentials: cannot be on while allow-origins has null (expected: listed origins)");
  }

  @Test
  void refusesToExposeAllWithCredentials() {
    assertThat(
            problems(
                "allow-origins = [\"https://a.example\"], allow-credentials = on, expose-headers = [\"*\"]"))
        .containsExactly(
            "plugin.conf:1: expose-headers: browsers do not take * with credentials (expected: header names)");
  }

  @Test
  void refusesAStarAmongNames() {
    assertThat(problems("allow-origins = [\"*\"], allow-methods = [GET, \"*\"]"))
        .containsExactly(
            "plugin.conf:1: allow-methods: has * among names (expected: names, or * alone)");
  }

  @Test
  void refusesNamesThatAreNone() {
    assertThat(problems("allow-origins = [\"*\"], allow-headers = [\"X Y\"]"))
        .containsExactly(
            "plugin.conf:1: allow-headers: \"X Y\" is not a name (expected: names, or * alone)");
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new CorsFactory()).create(hocon).problems();
  }
}
