package io.sluice.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlowStartTest {

  private static SlowStart slowStart(String value) {
    return Endpoints.upstream("slow-start = " + value).selection().slowStart();
  }

  private static double share(SlowStart slowStart, long seconds) {
    return slowStart.share(TimeUnit.SECONDS.toNanos(seconds));
  }

  @ParameterizedTest
  @CsvSource({"0, 0.1", "2, 0.1", "3, 0.1", "15, 0.5", "24, 0.8", "30, 1", "99, 1", "-5, 0.1"})
  void growsInAStraightLineFromTheFloor(long seconds, double share) {
    assertThat(share(slowStart("30s"), seconds)).isCloseTo(share, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({"2, 0.5, 0.7071", "0.5, 0.5, 0.25", "2, 0, 0.2", "0.5, 0, 0.2", "2, 1, 1"})
  void aggressionBendsTheLine(double aggression, double time, double share) {
    SlowStart bent = slowStart("{ window = 1000s, aggression = " + aggression + ", floor = 20% }");
    assertThat(share(bent, (long) (1000 * time))).isCloseTo(share, within(1e-4));
  }

  @Test
  void isOffUnlessAskedFor() {
    assertThat(Endpoints.upstream("").selection().slowStart()).isNull();
    assertThat(slowStart("off")).isNull();
    assertThat(slowStart("{}")).isEqualTo(slowStart("30s"));
  }

  @Test
  void refusesWhatIsNoTime() {
    assertThat(Endpoints.refused("slow-start = soon"))
        .singleElement()
        .asString()
        .startsWith("a.conf:2: slow-start: ");
    assertThat(
            Endpoints.refused("slow-start { window = 10ms, aggression = 0, floor = 0%, ramp = 1 }"))
        .hasSize(4);
  }

  @Test
  void stepsAreFewAndNeitherTooShortNorTooLong() {
    assertThat(slowStart("30s").stepNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(600));
    assertThat(slowStart("1h").stepNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(1));
    assertThat(slowStart("100ms").stepNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(20));
  }
}
