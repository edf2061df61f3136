package io.sluice.plugin.leakguard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

class LeakGuardTest {
  @Test
  void runsAtParanoidLevelInEveryTestJvm() {
    assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    assertThat(System.getProperty("io.netty.customResourceLeakDetector"))
        .isEqualTo(RecordingLeakDetector.class.getName());
  }

  @Test
  void failsTheRunWhenABufferWasCollectedUnreleased() {
    List<Throwable> failures = failuresOf(Leaks.class);

    assertThat(failures)
        .singleElement()
        .satisfies(
            failure ->
                assertThat(failure)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageStartingWith("LEAK: 1 report(s)")
                    .hasMessageContaining("ByteBuf")
                    .hasMessageContaining("LeakGuardTest")
                    .hasMessageNotContaining("org.junit."));
  }

  @Test
  void passesWhenEveryBufferWasReleased() {
    assertThat(failuresOf(Releases.class)).isEmpty();
  }

  private static List<Throwable> failuresOf(Class<?> testClass) {
    EngineExecutionResults run =
        EngineTestKit.engine("junit-jupiter")
            .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "false")
            .selectors(selectClass(testClass))
            .execute();
    assertThat(run.testEvents().succeeded().count()).isOne();
    return run.allEvents()
        .failed()
        .map(event -> event.getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class))
        .flatMap(result -> result.getThrowable().stream())
        .toList();
  }

  @ExtendWith(LeakGuard.class)
  static class Leaks {
    @Test
    void dropsABuffer() {
      ByteBuf dropped = PooledByteBufAllocator.DEFAULT.buffer(16).writeByte(1);
      assertThat(dropped.refCnt()).isOne();
    }
  }

  @ExtendWith(LeakGuard.class)
  static class Releases {
    @Test
    void releasesABuffer() {
      ByteBuf buffer = PooledByteBufAllocator.DEFAULT.buffer(16).writeByte(1);
      assertThat(buffer.release()).isTrue();
    }
  }
}
