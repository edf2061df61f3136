package io.sluice.core.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.api.observe.Meters;
import org.junit.jupiter.api.Test;

class MeterRegistryTest {

  private final MeterRegistry registry = new MeterRegistry();

  @Test
  void answersTheSameMeterForTheSameNameAndLabelsInAnyOrder() {
    MeterScope scope = registry.scope();
    Counter counter = scope.counter("hits_total", "a", "1", "b", "2");

    assertThat(scope.counter("hits_total", "b", "2", "a", "1")).isSameAs(counter);
    assertThat(scope.counter("hits", "a", "1", "b", "2")).isSameAs(counter);
    assertThat(scope.counter("hits_total", "a", "1", "b", "3")).isNotSameAs(counter);
    assertThat(registry.scope().counter("hits_total", "a", "1", "b", "2")).isSameAs(counter);
  }

  @Test
  void refusesAnotherTypeUnderAKnownName() {
    MeterScope scope = registry.scope();
    scope.counter("hits_total");

    assertThatThrownBy(() -> scope.histogram("hits_total"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("_total");
    assertThatThrownBy(() -> scope.histogram("hits"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("hits is a counter, not a histogram");
    assertThatThrownBy(() -> scope.gauge(MetricNames.REQUEST_DURATION, () -> 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sluice_request_duration_seconds is a histogram, not a gauge");
    assertThatThrownBy(() -> scope.counter(MetricNames.ENDPOINT_UP))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesACounterWhereAPulledOneStands() {
    MeterScope scope = registry.scope();
    scope.pulledCounter("hits_total", () -> 3);

    assertThatThrownBy(() -> scope.counter("hits_total"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesBadNamesAndLabels() {
    MeterScope scope = registry.scope();

    assertThatThrownBy(() -> scope.counter("a-b")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> scope.counter("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> scope.gauge("x_bucket", () -> 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> scope.counter("ok", "label"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> scope.counter("ok", "a b", "1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> scope.counter("ok", "__name__", "1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> scope.histogram("ok", "le", "1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(registry.scrape(true)).isEqualTo("# EOF\n");
  }

  @Test
  void keepsAMeterWhileAnyScopeHoldsItAndRemovesItWithTheLast() {
    MeterScope before = registry.scope();
    before.counter("hits_total", "route", "kept").add(2);
    before.counter("hits_total", "route", "gone").add(5);
    MeterScope after = registry.scope();
    after.counter("hits_total", "route", "kept").add(1);
    after.counter("hits_total", "route", "new");

    before.close();
    before.close();

    assertThat(registry.scrape(false))
        .contains("hits_total{route=\"kept\"} 3.0\n", "hits_total{route=\"new\"} 0.0\n")
        .doesNotContain("gone");
    after.close();
    assertThat(registry.scrape(false)).isEmpty();
    assertThat(registry.dropwizard().getMetrics()).isEmpty();
  }

  @Test
  void holdsOnceHoweverOftenAScopeAsks() {
    MeterScope scope = registry.scope();
    scope.counter("hits_total");
    scope.counter("hits_total");

    scope.close();

    assertThat(registry.scrape(false)).isEmpty();
  }

  @Test
  void answersUnseenMetersAfterTheScopeIsClosed() {
    MeterScope old = registry.scope();
    MeterScope current = registry.scope();
    Counter shared = current.counter("hits_total", "route", "kept");
    old.close();

    old.counter("hits_total", "route", "late").increment();
    old.histogram(MetricNames.ATTEMPT_DURATION, "upstream", "gone").record(1);
    old.gauge("depth", () -> 1);

    assertThat(old.counter("hits_total", "route", "kept")).isSameAs(shared);
    assertThat(registry.scrape(false)).contains("kept").doesNotContain("late", "gone", "depth");
  }

  @Test
  void readsTheLatestOpenSourceOfAGauge() {
    MeterScope first = registry.scope();
    MeterScope second = registry.scope();
    first.gauge("depth", () -> 1);
    second.gauge("depth", () -> 2);
    assertThat(registry.scrape(false)).contains("depth 2.0\n");

    first.gauge("depth", () -> 3);
    assertThat(registry.scrape(false)).contains("depth 3.0\n");

    first.close();
    assertThat(registry.scrape(false)).contains("depth 2.0\n");
    second.close();
    assertThat(registry.scrape(false)).isEmpty();
  }

  @Test
  void exposesAGaugeThatFailsAsNotANumber() {
    registry
        .process()
        .gauge(
            "depth",
            () -> {
              throw new IllegalStateException("broken");
            });
    registry.process().gauge("other", () -> 4);

    assertThat(registry.scrape(false)).contains("depth NaN\n", "other 4.0\n");
  }

  @Test
  void servesPluginsThroughTheirInterface() {
    Meters meters = registry.scope();
    meters.counter("plugin_things", "kind", "x").increment();
    meters.timer("plugin_seconds").record(3_000_000);

    assertThat(registry.scrape(false))
        .contains("plugin_things_total{kind=\"x\"} 1.0\n")
        .contains("plugin_seconds_bucket{le=\"0.005\"} 1\n", "plugin_seconds_sum 0.003\n");
  }

  @Test
  void keepsItsMetersInTheDropwizardRegistry() {
    registry.process().counter("hits_total", "a", "1").add(7);

    assertThat(registry.dropwizard().getMetrics()).containsOnlyKeys("hits_total{a=\"1\"}");
  }

  @Test
  void countsStatusesUnderBoundedLabels() {
    StatusCounters counters =
        new StatusCounters(registry.process(), MetricNames.REQUESTS, "route", "r");
    counters.increment(200);
    counters.increment(200);
    counters.increment(299);
    counters.increment(999);
    counters.increment(0);

    assertThat(registry.scrape(false))
        .contains("sluice_requests_total{route=\"r\",status=\"200\"} 2.0\n")
        .contains("sluice_requests_total{route=\"r\",status=\"other\"} 2.0\n")
        .contains("sluice_requests_total{route=\"r\",status=\"none\"} 1.0\n");
    assertThat(StatusLabels.of(418)).isEqualTo("other");
    assertThat(StatusLabels.of(-1)).isEqualTo("other");
    assertThat(StatusLabels.of(511)).isEqualTo("511");
  }
}
