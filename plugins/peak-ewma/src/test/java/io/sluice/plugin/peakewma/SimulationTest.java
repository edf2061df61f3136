package io.sluice.plugin.peakewma;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.plugin.leastrequest.LeastRequestFactory;
import io.sluice.plugin.peakewma.Simulation.Behaviour;
import io.sluice.plugin.random.RandomFactory;
import io.sluice.plugin.roundrobin.RoundRobinFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the balancer buys, and the table of docs/load-balancing.md: {@code target/simulation.md}.
 * Bounds leave room for the draws, which are by chance.
 */
class SimulationTest {

  private static final List<LoadBalancerFactory> ALL =
      List.of(new RoundRobinFactory(), new RandomFactory(), new LeastRequestFactory(), peakEwma());

  /** One that draws alike in every run; the others' draws are by chance. */
  private static PeakEwmaFactory peakEwma() {
    Random seeded = new Random(44);
    return new PeakEwmaFactory(() -> seeded);
  }

  @ParameterizedTest
  @CsvSource({"3, 150", "10, 500"})
  void keepsTheTailOfTheHealthyWhenOneIsTenTimesSlower(int endpoints, int perSecond) {
    double healthy = run(peakEwma(), endpoints, perSecond, Behaviour.HEALTHY).percentile(0.99);
    Simulation peak = run(peakEwma(), endpoints, perSecond, Behaviour.SLOW);
    Simulation least = run(new LeastRequestFactory(), endpoints, perSecond, Behaviour.SLOW);
    Simulation turns = run(new RoundRobinFactory(), endpoints, perSecond, Behaviour.SLOW);

    assertThat(peak.percentile(0.99)).isLessThan(2 * healthy);
    assertThat(peak.percentile(0.99)).isLessThan(least.percentile(0.99));
    assertThat(least.percentile(0.99)).isLessThan(turns.percentile(0.99));
    assertThat(peak.toFirst()).isLessThan(0.01);
  }

  @ParameterizedTest
  @CsvSource({"3, 150", "10, 500"})
  void sendsNearlyNothingToOneThatFailsFast(int endpoints, int perSecond) {
    Simulation peak = run(peakEwma(), endpoints, perSecond, Behaviour.FAILING);
    Simulation least = run(new LeastRequestFactory(), endpoints, perSecond, Behaviour.FAILING);

    assertThat(peak.failed()).isLessThan(0.004);
    assertThat(least.failed()).isGreaterThan(1.0 / endpoints);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SLOW", "FAILING"})
  void givesARecoveredEndpointItsShareBack(Behaviour was) {
    Simulation simulation = run(peakEwma(), 3, 150, was).first(Behaviour.HEALTHY);
    int seconds = 0;
    do {
      simulation.afresh().run(150, 5);
      seconds += 5;
    } while (simulation.toFirst() < 0.25 && seconds < 300);

    assertThat(seconds).isLessThanOrEqualTo(30);
  }

  @ParameterizedTest
  @CsvSource({"2, 200", "3, 300", "10, 1000", "100, 10000"})
  void sharesEvenlyAmongEqualsUnderLoad(int endpoints, int perSecond) {
    Simulation simulation = new Simulation(peakEwma(), endpoints);
    simulation.run(perSecond, 5).afresh().run(perSecond, 100_000.0 / perSecond);

    assertThat(simulation.maxToMean()).isLessThan(1.4);
  }

  @Test
  void writesTheTable() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| endpoints | scenario | balancer | to the first | failed | mean ms | p50 | p99 | p99.9"
            + " |");
    lines.add("|---|---|---|---|---|---|---|---|---|");
    for (int endpoints : new int[] {3, 10}) {
      for (Behaviour behaviour : Behaviour.values()) {
        for (LoadBalancerFactory factory : ALL) {
          Simulation simulation = run(factory, endpoints, 50 * endpoints, behaviour);
          lines.add(
              String.format(
                  Locale.ROOT,
                  "| %d | %s | %s | %.2f %% | %.2f %% | %.0f | %.0f | %.0f | %.0f |",
                  endpoints,
                  behaviour.name().toLowerCase(Locale.ROOT),
                  factory.type(),
                  100 * simulation.toFirst(),
                  100 * simulation.failed(),
                  simulation.meanMillis(),
                  simulation.percentile(0.5),
                  simulation.percentile(0.99),
                  simulation.percentile(0.999)));
        }
      }
    }
    Path table = Path.of("target", "simulation.md");
    Files.createDirectories(table.getParent());
    Files.write(table, lines);
    assertThat(lines).hasSize(2 + 2 * 3 * ALL.size());
  }

  /** Ten seconds of health, then two minutes that count. */
  private static Simulation run(
      LoadBalancerFactory factory, int endpoints, int perSecond, Behaviour behaviour) {
    return new Simulation(factory, endpoints)
        .run(perSecond, 10)
        .afresh()
        .first(behaviour)
        .run(perSecond, 120);
  }
}
