package io.sluice.plugin.gradient2;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.limit.ConcurrencyLimiter;
import io.sluice.plugin.gradient2.QueueingServer.Report;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.PluginTester;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The limiter in front of a server whose knee is known: {@code workers} attempts in flight. The
 * numbers of the README come from here.
 */
class SimulationTest {

  private static final double SERVICE = 0.010;

  private final FakePluginContext context = new FakePluginContext();

  private ConcurrencyLimiter limiter(String hocon) {
    return PluginTester.of(new Gradient2Factory()).with(context).create(hocon).instance();
  }

  private static void tell(String what, ConcurrencyLimiter limiter, Report report) {
    System.out.printf("%s: limit %d, %s%n", what, limiter.limit(), report);
  }

  @ParameterizedTest
  @ValueSource(ints = {30, 50, 100})
  void findsTheKneeUnderTwiceTheLoadThatTheServerCanTake(int workers) {
    ConcurrencyLimiter limiter = limiter("");
    QueueingServer server = new QueueingServer(context, limiter, workers, SERVICE);
    double capacity = workers / SERVICE;
    server.run(60, 2 * capacity);
    Report settled = server.run(60, 2 * capacity);
    tell(workers + " workers, twice the load", limiter, settled);
    assertThat((double) limiter.limit()).isBetween((double) workers, 1.5 * workers + 15);
    assertThat(settled.perSecond()).isGreaterThan(0.97 * capacity);
    assertThat(settled.meanMillis()).isLessThan(2 * SERVICE * 1000);
  }

  @Test
  void withoutALimitTheSameLoadQueuesWithoutEnd() {
    ConcurrencyLimiter limiter =
        limiter("min-limit = 1000000, initial-limit = 1000000, max-limit = 1000000");
    QueueingServer server = new QueueingServer(context, limiter, 50, SERVICE);
    server.run(10, 10_000);
    Report settled = server.run(10, 10_000);
    tell("no limit", limiter, settled);
    assertThat(settled.meanMillis()).isGreaterThan(2_000);
  }

  @Test
  void shedsNothingBelowTheKnee() {
    ConcurrencyLimiter limiter = limiter("");
    QueueingServer server = new QueueingServer(context, limiter, 50, SERVICE);
    server.run(60, 3_500);
    Report settled = server.run(60, 3_500); // 70 % of what it can take
    tell("70 % load", limiter, settled);
    assertThat(settled.shedShare()).isLessThan(0.001);
  }

  @Test
  void backsOffWhenTheServerSlowsDownAndComesBack() {
    ConcurrencyLimiter limiter = limiter("");
    QueueingServer server = new QueueingServer(context, limiter, 100, SERVICE);
    server.run(40, 15_000); // before it measures itself the first time
    int before = limiter.limit();
    server.serviceSeconds(4 * SERVICE);
    Report first = server.run(5, 15_000);
    int slowed = limiter.limit();
    tell("5 s after it became four times slower", limiter, first);
    assertThat(slowed).isLessThan(before / 2);
    server.serviceSeconds(SERVICE);
    Report back = server.run(30, 15_000);
    tell("30 s after it was well again", limiter, back);
    assertThat(limiter.limit()).isGreaterThan(100);
    assertThat(back.perSecond()).isGreaterThan(0.8 * 10_000);
  }

  @Test
  void learnsThatTheServerBecameSlowerForGood() {
    ConcurrencyLimiter limiter = limiter("");
    QueueingServer server = new QueueingServer(context, limiter, 50, SERVICE);
    server.run(60, 10_000);
    server.serviceSeconds(3 * SERVICE);
    server.run(120, 10_000);
    Report settled = server.run(30, 10_000);
    tell("2 min after it became three times slower", limiter, settled);
    assertThat(settled.perSecond()).isGreaterThan(0.9 * 50 / (3 * SERVICE));
    assertThat(settled.meanMillis()).isLessThan(2 * 3 * SERVICE * 1000);
  }

  @Test
  void doesNotDriftInALongOverload() {
    ConcurrencyLimiter limiter = limiter("max-limit = 1000");
    QueueingServer server = new QueueingServer(context, limiter, 30, SERVICE);
    server.run(60, 6_000);
    int early = limiter.limit();
    Report late = server.run(540, 6_000);
    tell("after 10 min of twice the load, from " + early, limiter, late);
    assertThat(limiter.limit()).isBetween(30, 70);
  }
}
