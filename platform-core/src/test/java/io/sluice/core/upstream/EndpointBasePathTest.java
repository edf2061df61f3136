package io.sluice.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointBasePathTest {

  @ParameterizedTest
  @CsvSource({
    "http://app:1/api, /api",
    "http://app:1/api/, /api",
    "http://app:1/a/../%7eb, /~b",
    "http://app:1/, ''",
    "http://app:1, ''",
    "app:1, ''",
  })
  void isInNormalForm(String endpoint, String basePath) {
    assertThat(EndpointAddress.parse(endpoint).basePath()).isEqualTo(basePath);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://app:1/a?b", "http://app:1/%2e%2e", "http://app:1/a b"})
  void isRefusedWhereNoRequestCanHaveIt(String endpoint) {
    assertThatIllegalArgumentException().isThrownBy(() -> EndpointAddress.parse(endpoint));
  }

  @Test
  void belongsToUrlsOnly() {
    assertThatIllegalArgumentException().isThrownBy(() -> EndpointAddress.parse("app:1/api"));
  }
}
