package io.sluice.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.api.http.RequestHead;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer;
import io.sluice.api.upstream.PickRequest;
import io.sluice.core.observe.MeterRegistry;
import io.sluice.core.observe.PluginFailures;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EligibilityTest {

  private final Set<Endpoint> excluded = new HashSet<>();
  private final List<List<Endpoint>> asked = new ArrayList<>();
  private final List<Long> steps = new ArrayList<>();
  private final EndpointState a = Endpoints.at("a", 4, null, 0);
  private final EndpointState b = Endpoints.at("b", 4, null, 0);
  private final EndpointState c = Endpoints.at("c", 1, null, 1);
  private long now = 1;

  /** Always the first, excluded or not. */
  private final LoadBalancer first =
      candidates -> {
        asked.add(candidates);
        return request -> candidates.get(0);
      };

  private Eligibility eligibility(String config) {
    return new Eligibility(
        Endpoints.upstream(config),
        first,
        new PluginFailures(new MeterRegistry().scope(), "upstreams.app.balancer"),
        () -> now,
        steps::add);
  }

  private @Nullable String pick(Eligibility eligibility) {
    EndpointState picked = eligibility.pick(new Request());
    return picked == null ? null : picked.host();
  }

  private final class Request implements PickRequest {
    @Override
    public @Nullable RequestHead request() {
      return null;
    }

    @Override
    public int earlierAttempts() {
      return 0;
    }

    @Override
    public boolean excluded(Endpoint endpoint) {
      return excluded.contains(endpoint);
    }

    @Override
    public String clientIp() {
      return "";
    }
  }

  private void later(int seconds) {
    now += TimeUnit.SECONDS.toNanos(seconds);
  }

  @Test
  void excludedOnesAreAnsweredOnlyWhereThereIsNobodyElse() {
    Eligibility eligibility = eligibility("");
    assertThat(pick(eligibility)).isNull();
    eligibility.update(List.of(a, b, c));
    assertThat(eligibility.count()).isEqualTo(3);
    assertThat(pick(eligibility)).isEqualTo("a");
    excluded.add(a);
    assertThat(pick(eligibility)).isEqualTo("b");
    excluded.add(b);
    assertThat(pick(eligibility)).isEqualTo("c");
    excluded.add(c);
    assertThat(pick(eligibility)).isEqualTo("a");
    // Only those that get requests of their own need a picker.
    assertThat(asked).containsExactly(List.of(a, b));
  }

  @Test
  void levelsGetTheirShares() {
    Eligibility eligibility = eligibility("overprovisioning = 140%");
    a.healthy(false);
    eligibility.update(List.of(a, b, c));
    Map<String, Integer> picks = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      picks.merge(String.valueOf(pick(eligibility)), 1, Integer::sum);
    }
    // 70 % and 30 %; five standard deviations are 1.6 points.
    assertThat(picks.get("b") / 20_000.0).isCloseTo(0.7, within(0.017));
    assertThat(picks.get("c") / 20_000.0).isCloseTo(0.3, within(0.017));
  }

  @Test
  void theWeightOfWhoComesLateGrowsInSteps() {
    Eligibility eligibility = eligibility("slow-start = 30s");
    b.healthy(false);
    eligibility.update(List.of(a, b));
    assertThat(a.effectiveWeight()).isEqualTo(4);
    assertThat(steps).containsExactly(TimeUnit.MILLISECONDS.toNanos(600));
    later(15);
    b.healthy(true);
    eligibility.update(List.of(a, b));
    assertThat(steps).hasSize(1);
    // One has grown to a half, the other to a tenth: the first counts in full.
    assertThat(a.effectiveWeight()).isEqualTo(4);
    assertThat(b.effectiveWeight()).isCloseTo(0.8, within(1e-9));
    later(15);
    eligibility.step(List.of(a, b));
    assertThat(steps).hasSize(2);
    assertThat(a.effectiveWeight()).isEqualTo(4);
    assertThat(b.effectiveWeight()).isCloseTo(2, within(1e-9));
    assertThat(asked).hasSize(2);
    later(15);
    eligibility.step(List.of(a, b));
    assertThat(steps).hasSize(2);
    assertThat(b.effectiveWeight()).isEqualTo(4);
    assertThat(asked).hasSize(3);
  }

  @Test
  void newPickersAreMadeInSomeStepsOnly() {
    Eligibility eligibility = eligibility("slow-start = 100s");
    b.healthy(false);
    eligibility.update(List.of(a, b));
    later(100);
    b.healthy(true);
    eligibility.update(List.of(a, b));
    asked.clear();
    for (int i = 1; i <= 100; i++) {
      double before = b.effectiveWeight();
      later(1);
      eligibility.step(List.of(a, b));
      assertThat(b.effectiveWeight()).isGreaterThanOrEqualTo(before);
    }
    assertThat(b.effectiveWeight()).isEqualTo(4);
    assertThat(asked).hasSize(20);
  }

  @Test
  void whoeverComesBackStartsSlowly() {
    Eligibility eligibility = eligibility("slow-start = 10s");
    eligibility.update(List.of(a, b));
    assertThat(a.effectiveWeight()).isEqualTo(b.effectiveWeight());
    later(60);
    eligibility.step(List.of(a, b));
    for (EndpointState.Admin wish :
        List.of(EndpointState.Admin.DISABLED, EndpointState.Admin.DRAINING)) {
      a.admin(wish);
      eligibility.update(List.of(a, b));
      a.admin(EndpointState.Admin.ENABLED);
      later(1);
      eligibility.update(List.of(a, b));
      assertThat(a.effectiveWeight()).isCloseTo(0.4, within(1e-9));
      assertThat(b.effectiveWeight()).isEqualTo(4);
      later(60);
      eligibility.step(List.of(a, b));
      assertThat(a.effectiveWeight()).isEqualTo(4);
    }
  }

  @Test
  void anotherConfigurationGoesOnWhereTheLastOneWas() {
    b.healthy(false);
    eligibility("slow-start = 10s").update(List.of(a, b));
    later(60);
    b.healthy(true);
    eligibility("slow-start = 10s").update(List.of(a, b));
    later(5);
    eligibility("slow-start = 20s").update(List.of(a, b));
    assertThat(b.effectiveWeight()).isCloseTo(1, within(1e-9));
    eligibility("").update(List.of(a, b));
    assertThat(b.effectiveWeight()).isEqualTo(4);
    later(15);
    eligibility("slow-start = 20s").update(List.of(a, b));
    assertThat(b.effectiveWeight()).isEqualTo(4);
  }

  @Test
  void panicIsKnown() {
    Eligibility eligibility = eligibility("panic-threshold = 60%");
    eligibility.update(List.of(a, b));
    assertThat(eligibility.panic()).isFalse();
    b.healthy(false);
    eligibility.update(List.of(a, b));
    assertThat(eligibility.panic()).isTrue();
    assertThat(eligibility.count()).isEqualTo(2);
    excluded.add(a);
    assertThat(pick(eligibility)).isEqualTo("b");
    b.healthy(true);
    eligibility.update(List.of(a, b));
    assertThat(eligibility.panic()).isFalse();
  }
}
