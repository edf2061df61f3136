package io.sluice.plugin.healthcheckhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusSetTest {

  @Test
  void holdsCodesAndRanges() {
    StatusSet set = StatusSet.of(List.of("200-299", "404"));

    assertThat(set.contains(199)).isFalse();
    assertThat(set.contains(200)).isTrue();
    assertThat(set.contains(299)).isTrue();
    assertThat(set.contains(300)).isFalse();
    assertThat(set.contains(404)).isTrue();
    assertThat(set).hasToString("200-299, 404");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "ok", "20", "2000", "099", "600", "200-", "-200", "200-299-300", "2xx"})
  void refusesWhatIsNoStatus(String member) {
    assertThatThrownBy(() -> StatusSet.of(List.of(member)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a status code or a range");
  }

  @Test
  void refusesARangeThatEndsBeforeItBegins() {
    assertThatThrownBy(() -> StatusSet.of(List.of("299-200")))
        .hasMessage("\"299-200\" ends before it begins");
  }

  @Test
  void refusesAnEmptyList() {
    assertThatThrownBy(() -> StatusSet.of(List.of())).hasMessage("the list is empty");
  }
}
