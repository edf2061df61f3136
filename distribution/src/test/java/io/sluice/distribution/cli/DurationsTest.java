package io.sluice.distribution.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class DurationsTest {

  @Test
  void readsUnitsAndTheirSums() {
    Durations durations = new Durations();
    assertThat(durations.convert("500ms")).isEqualTo(Duration.ofMillis(500));
    assertThat(durations.convert("1m30s")).isEqualTo(Duration.ofSeconds(90));
    assertThat(durations.convert("2d3h")).isEqualTo(Duration.ofHours(51));
  }

  @Test
  void refusesANumberWithoutUnit() {
    for (String text : new String[] {"5", "", "s", "5x", "-5s", "5 s"}) {
      assertThatThrownBy(() -> new Durations().convert(text))
          .isInstanceOf(TypeConversionException.class);
    }
  }

  @Test
  void writesWhatItReads() {
    for (String text : new String[] {"0s", "30s", "1m30s", "1h", "1d2h3m4s5ms"}) {
      assertThat(Durations.text(new Durations().convert(text))).isEqualTo(text);
    }
  }
}
