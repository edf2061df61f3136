package io.sluice.core.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PluginFailuresTest {

  private final MeterRegistry registry = new MeterRegistry();
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // it overflows on the way
  private final PluginFailures failures =
      new PluginFailures(registry.scope(), "upstreams.app.balancer", now::get);

  @Test
  void countsEveryFailureUnderThePluginsPlace() {
    for (int i = 0; i < 3; i++) {
      failures.record("pick", new IllegalStateException("as written"));
      now.addAndGet(TimeUnit.SECONDS.toNanos(6));
    }
    failures.record("pick", new NoClassDefFoundError("com/example/Gone"));
    assertThat(failures.total()).isEqualTo(4);
    assertThat(registry.scrape(false))
        .contains("sluice_plugin_failures_total{plugin=\"upstreams.app.balancer\"} 4.0");
  }

  @Test
  void throwsOnWhatTheVirtualMachineMeans() {
    OutOfMemoryError fatal = new OutOfMemoryError("as written");
    assertThatThrownBy(() -> failures.record("pick", fatal)).isSameAs(fatal);
    assertThat(failures.total()).isZero();
  }
}
