package io.sluice.plugin.peakewma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FadedTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Faded faded = new Faded(10 * SECOND);

  @Test
  void holdsNothingAtFirst() {
    assertThat(Faded.isNothing(faded.word())).isTrue();
    assertThat(Faded.value(faded.word())).isZero();
  }

  @Test
  void keepsTheNumberAndFadesByTime() {
    assertThat(faded.replace(faded.word(), 50_000_000, SECOND)).isTrue();
    long word = faded.word();

    assertThat(Faded.value(word)).isCloseTo(50_000_000, within(10.0));
    assertThat(faded.freshness(word, SECOND)).isEqualTo(1);
    assertThat(faded.freshness(word, 11 * SECOND)).isCloseTo(Math.exp(-1), within(0.001));
    assertThat(faded.freshness(word, 101 * SECOND)).isCloseTo(Math.exp(-10), within(0.001));
  }

  @Test
  void isNothingNewInTheEnd() {
    faded.replace(faded.word(), 1, SECOND);

    assertThat(faded.freshness(faded.word(), 161 * SECOND)).isZero();
    assertThat(faded.freshness(faded.word(), 100_000 * SECOND)).isZero();
  }

  @Test
  void fadesExponentially() {
    faded.replace(faded.word(), 1, 0);
    for (int tenths = 0; tenths < 1_600; tenths++) {
      assertThat(faded.freshness(faded.word(), tenths * SECOND / 10))
          .isCloseTo(Math.exp(-tenths / 100.0), within(2e-4));
    }
  }

  @Test
  void isFreshForAClockThatIsALittleBehind() {
    faded.replace(faded.word(), 1, 2 * SECOND);

    assertThat(faded.freshness(faded.word(), SECOND)).isEqualTo(1);
  }

  @Test
  void doesNotPutDownOverWhatWasNotSeen() {
    long before = faded.word();
    faded.replace(before, 1, SECOND);

    assertThat(faded.replace(before, 2, SECOND)).isFalse();
    assertThat(faded.clear(before)).isFalse();
    assertThat(Faded.value(faded.word())).isEqualTo(1);
  }

  @Test
  void agesAcrossTheWrapOfItsTicks() {
    long wrap = 1L << 52;
    faded.replace(faded.word(), 1, wrap - 5 * SECOND);

    assertThat(faded.freshness(faded.word(), wrap + 5 * SECOND))
        .isCloseTo(Math.exp(-1), within(0.001));
  }

  @Test
  void agesWithATickerThatBeganBelowZero() {
    faded.replace(faded.word(), 1, -5 * SECOND);

    assertThat(faded.freshness(faded.word(), 5 * SECOND)).isCloseTo(Math.exp(-1), within(0.001));
  }
}
