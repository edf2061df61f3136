package io.sluice.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiVersionTest {
  @Test
  void isTheVersionThatPluginJarsOfThisBuildState() {
    assertThat(System.getProperty("api.version")).isEqualTo(ApiVersion.CURRENT);
  }

  @Test
  void acceptsAPluginOfTheSameVersion() {
    assertThat(ApiVersion.accepts(ApiVersion.CURRENT)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 0", "-1, 0"})
  void refusesALaterMinorVersionAndEveryOtherMajorVersion(int majorStep, int minorStep) {
    String[] current = ApiVersion.CURRENT.split("\\.");
    int major = Integer.parseInt(current[0]) + majorStep;
    int minor = Integer.parseInt(current[1]) + minorStep;

    assertThat(ApiVersion.accepts(major + "." + minor)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "one.zero", "v1.0", "1."})
  void refusesWhatIsNoVersion(String built) {
    assertThat(ApiVersion.accepts(built)).isFalse();
  }
}
