package io.sluice.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.core.config.Problems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SelectionTest {

  private final Map<String, EndpointState> endpoints = new LinkedHashMap<>();

  private EndpointState add(String name, String zone, int priority) {
    EndpointState endpoint = Endpoints.at(name, 1, zone, priority);
    endpoints.put(name, endpoint);
    return endpoint;
  }

  private void level(int priority, String... names) {
    for (String name : names) {
      add(name, null, priority);
    }
  }

  private void sick(String... names) {
    for (String name : names) {
      endpoints.get(name).healthy(false);
    }
  }

  private Selection select(String config) {
    return Selection.of(List.copyOf(endpoints.values()), Endpoints.upstream(config).selection());
  }

  /** Names of a group, and its share in percent unless it is all. */
  private List<String> groups(String config) {
    List<String> groups = new ArrayList<>();
    for (Selection.Group group : select(config).groups()) {
      String names = String.join(" ", Endpoints.names(group.endpoints()));
      groups.add(names + " " + Math.round(group.share() * 1000) / 10.0);
    }
    return groups;
  }

  @Test
  void theFirstLevelServesWhileItHasOneAndTheOthersStandBehindIt() {
    level(0, "a", "b");
    level(1, "c");
    level(2, "d");
    assertThat(groups("")).containsExactly("a b 100.0", "c 0.0", "d 0.0");
    sick("a");
    assertThat(groups("")).containsExactly("b 100.0", "c 0.0", "d 0.0");
    sick("b");
    assertThat(groups("")).containsExactly("c 100.0", "d 0.0");
    sick("c", "d");
    assertThat(groups("")).isEmpty();
  }

  @Test
  void nobodyServesWithoutEndpoints() {
    assertThat(groups("panic-threshold = 50%")).isEmpty();
    assertThat(select("panic-threshold = 50%").panic()).isFalse();
  }

  @Test
  void overprovisioningSpillsWhatALevelCannotCarry() {
    level(0, "a", "b", "c", "d");
    level(1, "e", "f");
    String config = "overprovisioning = 140%";
    assertThat(groups(config)).containsExactly("a b c d 100.0", "e f 0.0");
    sick("a");
    assertThat(groups(config)).containsExactly("b c d 100.0", "e f 0.0");
    sick("b");
    assertThat(groups(config)).containsExactly("c d 70.0", "e f 30.0");
    sick("e");
    // 70 % and 70 % of what there is to carry: all of it.
    assertThat(groups(config)).containsExactly("c d 70.0", "f 30.0");
    sick("c");
    // 35 % and 70 %: all of it still.
    assertThat(groups(config)).containsExactly("d 35.0", "f 65.0");
    sick("d");
    // Only 70 %, so it gets everything.
    assertThat(groups(config)).containsExactly("f 100.0");
  }

  @Test
  void panicComesWhenNoLevelIsSound() {
    level(0, "a", "b", "c", "d");
    level(1, "e", "f");
    String config = "panic-threshold = 50%";
    sick("a", "b");
    assertThat(groups(config)).containsExactly("c d 100.0", "e f 0.0");
    sick("c");
    // One of four is fewer than half: the next level is better.
    assertThat(groups(config)).containsExactly("e f 100.0", "d 0.0");
    sick("e");
    assertThat(groups(config)).containsExactly("f 100.0", "d 0.0");
    sick("f");
    assertThat(groups(config)).containsExactly("a b c d e f 100.0");
    assertThat(select(config).panic()).isTrue();
    assertThat(select("").panic()).isFalse();
    assertThat(groups("")).containsExactly("d 100.0");
  }

  @Test
  void whatAnOperatorTookOutIsNeitherMissedNorAskedInPanic() {
    level(0, "a", "b", "c", "d");
    endpoints.get("a").admin(EndpointState.Admin.DISABLED);
    endpoints.get("b").admin(EndpointState.Admin.DRAINING);
    sick("c");
    assertThat(groups("panic-threshold = 50%")).containsExactly("d 100.0");
    sick("d");
    assertThat(groups("panic-threshold = 50%")).containsExactly("c d 100.0");
  }

  private void zone(String zone, String... names) {
    for (String name : names) {
      add(name, zone, 0);
    }
  }

  @Test
  void requestsStayInTheZoneWhileItCanCarryThem() {
    zone("a", "a1", "a2");
    zone("b", "b1", "b2");
    assertThat(groups("zone-aware = on")).containsExactly("a1 a2 100.0", "b1 b2 0.0");
    assertThat(groups("")).containsExactly("a1 a2 b1 b2 100.0");
    sick("b1");
    assertThat(groups("zone-aware = on")).containsExactly("a1 a2 100.0", "b2 0.0");
  }

  @Test
  void whatTheZoneCannotCarryGoesWhereThereIsMore() {
    zone("a", "a1", "a2");
    zone("b", "b1", "b2");
    zone("c", "c1", "c2");
    sick("a1");
    // a has 1/5 of the weight and 1/3 of the requests; b and c have 2/5 each.
    assertThat(groups("zone-aware = on")).containsExactly("a2 60.0", "b1 b2 20.0", "c1 c2 20.0");
    sick("c1");
    // a and c have 1/4 each, b has 1/2.
    assertThat(groups("zone-aware = on")).containsExactly("a2 75.0", "b1 b2 25.0", "c2 0.0");
    sick("a2");
    assertThat(groups("zone-aware = on")).containsExactly("b1 b2 100.0", "c2 0.0");
  }

  @Test
  void everyEndpointGetsItsPartWhereverRequestsArrive() {
    zone("a", "a1", "a2", "a3");
    zone("b", "b1");
    zone("c", "c1", "c2");
    Map<String, Double> requests = new HashMap<>();
    for (String own : List.of("a", "b", "c")) {
      Selection selection =
          Selection.of(
              List.copyOf(endpoints.values()),
              Endpoints.upstream("zone-aware = on", own, new Problems()).selection());
      for (Selection.Group group : selection.groups()) {
        double each = group.share() / group.endpoints().size() / 3;
        group.endpoints().forEach(endpoint -> requests.merge(endpoint.host(), each, Double::sum));
      }
    }
    assertThat(requests).hasSize(6);
    assertThat(requests.values())
        .allSatisfy(each -> assertThat(each).isCloseTo(1 / 6.0, within(1e-9)));
  }

  @Test
  void theShareOfTheZoneMayBeGiven() {
    zone("a", "a1");
    zone("b", "b1", "b2", "b3");
    assertThat(groups("zone-aware { share = 25% }")).containsExactly("a1 100.0", "b1 b2 b3 0.0");
    assertThat(groups("zone-aware { share = 100% }")).containsExactly("a1 25.0", "b1 b2 b3 75.0");
  }

  @Test
  void zonesCountForNothingWhereTheyCannot() {
    zone("a", "a1");
    zone("b", "b1", "b2");
    List<String> all = List.of("a1 b1 b2 100.0");
    assertThat(groups("zone-aware { min-endpoints = 2 }")).isEqualTo(all);
    assertThat(groups("zone-aware = off")).isEqualTo(all);
    Selection unknown =
        Selection.of(
            List.copyOf(endpoints.values()),
            Endpoints.upstream("zone-aware = on", null, new Problems()).selection());
    assertThat(unknown.groups()).hasSize(1);
    Selection elsewhere =
        Selection.of(
            List.copyOf(endpoints.values()),
            Endpoints.upstream("zone-aware = on", "z", new Problems()).selection());
    assertThat(elsewhere.groups()).hasSize(1);
  }

  @Test
  void keysAreChecked() {
    assertThat(Endpoints.refused("panic-threshold = 101%")).hasSize(1);
    assertThat(Endpoints.refused("overprovisioning = 99%"))
        .containsExactly(
            "a.conf:2: overprovisioning: \"99%\" is not accepted (expected: off, or at least"
                + " 100%)");
    assertThat(Endpoints.refused("zone-aware = yes please")).hasSize(1);
    assertThat(Endpoints.refused("zone-aware { share = 0%, min-endpoints = 0 }")).hasSize(2);
  }

  @Test
  void backupIsTheSecondLevel() {
    String address = "endpoints = [ { address = \"y:1\", ";
    assertThat(Endpoints.upstream(address + "backup = true } ]").endpoints().get(0).priority())
        .isEqualTo(1);
    assertThat(Endpoints.upstream(address + "priority = 7 } ]").endpoints().get(0).priority())
        .isEqualTo(7);
    assertThat(Endpoints.refused(address + "priority = 0, backup = true } ]"))
        .containsExactly(
            "a.conf:2: endpoints[0].backup: contradicts priority = 0 (expected: one of the two)");
    assertThat(Endpoints.refused(address + "priority = 128 } ]")).hasSize(1);
  }
}
