package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FrameBudgetTest {

  private final AtomicLong clock = new AtomicLong(5);
  private final FrameBudget budget = new FrameBudget(clock::get);

  @Test
  void controlFramesEmptyABucketThatTimeFills() {
    for (int i = 0; i < FrameBudget.CONTROL_FRAMES; i++) {
      assertThat(budget.control()).isNull();
    }
    assertThat(budget.control()).isNotNull();
    clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
    for (int i = 0; i < FrameBudget.CONTROL_FRAMES_PER_SECOND; i++) {
      assertThat(budget.control()).isNull();
    }
    assertThat(budget.control()).isNotNull();
  }

  @Test
  void everyFrameOfAMessageAllowsAControlFrame() {
    for (int i = 0; i < 10 * FrameBudget.CONTROL_FRAMES; i++) {
      budget.contentSent();
      assertThat(budget.control()).isNull();
    }
  }

  @Test
  void informationalHeadsAllowNone() {
    for (int i = 0; i < 2 * FrameBudget.CONTROL_FRAMES; i++) {
      budget.headers();
      budget.informational();
    }
    for (int i = 0; i < FrameBudget.CONTROL_FRAMES - 1; i++) {
      budget.headers();
      budget.informational();
      assertThat(budget.control()).isNull();
    }
    budget.headers();
    budget.informational();
    assertThat(budget.control()).isNotNull();
  }

  @Test
  void halfOfAllRequestsMayBeCancelled() {
    for (int i = 0; i < 10 * FrameBudget.RESETS; i++) {
      budget.responded();
      assertThat(budget.reset()).isNull();
    }
    for (int i = 0; i < FrameBudget.RESETS - 1; i++) {
      budget.reset();
    }
    budget.reset();
    assertThat(budget.reset()).isNotNull();
  }

  @Test
  void prioritiesAreBoundByStreams() {
    for (int i = 0; i < 100; i++) {
      assertThat(budget.priority()).isNull();
    }
    assertThat(budget.priority()).isNotNull();
    budget.headers();
    assertThat(budget.priority()).isNull();
  }

  @Test
  void windowUpdatesAreBoundByStreamsAndContentSent() {
    for (int i = 0; i < 5; i++) {
      assertThat(budget.windowUpdate()).isNull();
    }
    assertThat(budget.windowUpdate()).isNotNull();
    budget.contentSent();
    assertThat(budget.windowUpdate()).isNull();
  }

  @Test
  void emptyFramesAreBoundInARow() {
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < FrameBudget.EMPTY_FRAMES; i++) {
        assertThat(budget.empty()).isNull();
      }
      budget.content();
    }
    for (int i = 0; i < FrameBudget.EMPTY_FRAMES; i++) {
      budget.empty();
    }
    assertThat(budget.empty()).isNotNull();
  }
}
