package io.sluice.core.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DeadlineWheelTest {

  private static final long TICK = DeadlineWheel.TICK_NANOS;

  /** Near the overflow of the clock, which is nobody's business. */
  private long now = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(10);

  private final DeadlineWheel wheel = new DeadlineWheel(null, () -> now);
  private final List<String> fired = new ArrayList<>();

  private Deadline deadline(String name) {
    return new Deadline(wheel, () -> fired.add(name));
  }

  private void pass(long nanos) {
    long left = nanos;
    while (left > 0) {
      long step = Math.min(left, TICK);
      now += step;
      left -= step;
      wheel.advance();
    }
  }

  @Test
  void firesOnceNeverEarlyAndAtMostATickLate() {
    Deadline deadline = deadline("a");
    deadline.after(3 * TICK + 1);
    assertThat(deadline.isSet()).isTrue();

    pass(3 * TICK);
    assertThat(fired).isEmpty();
    pass(2 * TICK);
    assertThat(fired).containsExactly("a");
    assertThat(deadline.isSet()).isFalse();
    pass(2000 * TICK);
    assertThat(fired).containsExactly("a");
  }

  @Test
  void moveLaterAndEarlier() {
    Deadline later = deadline("later");
    Deadline earlier = deadline("earlier");
    later.after(2 * TICK);
    later.after(9 * TICK);
    earlier.after(9 * TICK);
    earlier.after(2 * TICK);

    pass(4 * TICK);
    assertThat(fired).containsExactly("earlier");
    pass(7 * TICK);
    assertThat(fired).containsExactly("earlier", "later");
  }

  @Test
  void clearedOnesDoNotFireAndMayBeSetAgain() {
    Deadline deadline = deadline("a");
    deadline.after(2 * TICK);
    deadline.clear();
    pass(5 * TICK);
    assertThat(fired).isEmpty();

    deadline.after(2 * TICK);
    deadline.after(Long.MAX_VALUE);
    pass(5 * TICK);
    assertThat(fired).isEmpty();

    deadline.after(now, 2 * TICK);
    pass(4 * TICK);
    assertThat(fired).containsExactly("a");
  }

  @Test
  void removedOnesLeaveTheirNeighboursAlone() {
    Deadline first = deadline("first");
    Deadline second = deadline("second");
    Deadline third = deadline("third");
    for (Deadline each : List.of(first, second, third)) {
      each.after(3 * TICK);
    }
    second.remove();
    second.remove();
    pass(5 * TICK);
    assertThat(fired).containsExactlyInAnyOrder("first", "third");
  }

  @Test
  void reachesBeyondOneTurn() {
    deadline("far").after(5000 * TICK);
    pass(4999 * TICK);
    assertThat(fired).isEmpty();
    pass(3 * TICK);
    assertThat(fired).containsExactly("far");
  }

  @Test
  void anActionMaySetItAgainOrAnotherOne() {
    Deadline[] self = new Deadline[1];
    Deadline other = deadline("other");
    self[0] =
        new Deadline(
            wheel,
            () -> {
              fired.add("self");
              if (fired.size() < 3) {
                self[0].after(TICK);
              } else {
                other.after(TICK);
              }
            });
    self[0].after(TICK);
    pass(20 * TICK);
    assertThat(fired).containsExactly("self", "self", "self", "other");
  }

  @Test
  void anActionMayClearOrRemoveWhatIsDueWithIt() {
    List<Deadline> both = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int other = 1 - i;
      both.add(
          new Deadline(
              wheel,
              () -> {
                fired.add("one");
                both.get(other).remove();
              }));
    }
    both.forEach(deadline -> deadline.after(2 * TICK));
    pass(5 * TICK);
    assertThat(fired).containsExactly("one");
  }

  @Test
  void aThrowingActionHarmsNoOther() {
    new Deadline(
            wheel,
            () -> {
              throw new IllegalStateException("expected by this test");
            })
        .after(2 * TICK);
    deadline("a").after(2 * TICK);
    pass(4 * TICK);
    assertThat(fired).containsExactly("a");
  }

  @Test
  void aLongSleepFiresWhatCameDueMeanwhile() {
    deadline("a").after(2 * TICK);
    deadline("b").after(700 * TICK);
    deadline("c").after(3000 * TICK);
    now += 2500 * TICK;
    wheel.advance();
    assertThat(fired).containsExactlyInAnyOrder("a", "b");
    pass(502 * TICK);
    assertThat(fired).contains("c");
  }

  @Test
  void anIdleWheelCatchesUp() {
    now += 10_000 * TICK;
    deadline("a").after(2 * TICK);
    wheel.advance();
    assertThat(fired).isEmpty();
    pass(3 * TICK);
    assertThat(fired).containsExactly("a");
  }

  @Test
  void agreesWithAListOfTimes() {
    Random random = new Random(7);
    int count = 50;
    long[] due = new long[count];
    boolean[] set = new boolean[count];
    Deadline[] deadlines = new Deadline[count];
    for (int i = 0; i < count; i++) {
      int at = i;
      deadlines[i] =
          new Deadline(
              wheel,
              () -> {
                assertThat(set[at]).isTrue();
                assertThat(now - due[at]).isBetween(0L, 2 * TICK);
                set[at] = false;
                fired.add("x");
              });
    }
    for (int round = 0; round < 20_000; round++) {
      int i = random.nextInt(count);
      switch (random.nextInt(5)) {
        case 0 -> {
          deadlines[i].clear();
          set[i] = false;
        }
        case 1 -> {
          deadlines[i].remove();
          set[i] = false;
        }
        default -> {
          long nanos = 1 + (long) (random.nextDouble() * 1500 * TICK);
          deadlines[i].after(nanos);
          due[i] = now + nanos;
          set[i] = true;
        }
      }
      pass(random.nextInt(3) * TICK / 2);
      for (int each = 0; each < count; each++) {
        assertThat(deadlines[each].isSet()).isEqualTo(set[each]);
        assertThat(set[each] && now - due[each] > 2 * TICK).as("late").isFalse();
      }
    }
    assertThat(fired).hasSizeGreaterThan(100);
  }
}
