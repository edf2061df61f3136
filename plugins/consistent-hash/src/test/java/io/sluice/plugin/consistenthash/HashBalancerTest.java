package io.sluice.plugin.consistenthash;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.LoadBalancer.Picker;
import io.sluice.plugin.testkit.ChiSquare;
import io.sluice.plugin.testkit.FakeEndpoint;
import io.sluice.plugin.testkit.FakePick;
import io.sluice.plugin.testkit.FakeRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class HashBalancerTest {

  /** Both layouts behave alike here. */
  enum Kind {
    RING,
    MAGLEV;

    Layout layout(String[] ids, int[] weights) {
      return this == RING
          ? RingLayout.of(ids, weights, 1024, 65_536)
          : MaglevLayout.of(ids, weights, 65_537);
    }
  }

  private final List<FakeEndpoint> endpoints = FakeEndpoint.several(10);
  private final Random random = new Random(42);

  @ParameterizedTest
  @EnumSource
  void keepsAClientAtItsEndpoint(Kind kind) {
    Picker picker = picker(kind, 1.5, "client-ip");
    Set<Endpoint> used = new HashSet<>();
    for (int client = 0; client < 200; client++) {
      Endpoint first = picker.pick(FakePick.from("198.51.100." + client));
      assertThat(picker.pick(FakePick.from("198.51.100." + client))).isSameAs(first);
      used.add(first);
    }
    assertThat(used).hasSize(10);
  }

  @ParameterizedTest
  @EnumSource
  void keepsAClientWhateverTheOrderOfTheEndpoints(Kind kind) {
    Picker picker = picker(kind, 1.5, "client-ip");
    Collections.reverse(endpoints);
    Picker other = picker(kind, 1.5, "client-ip");
    for (int client = 0; client < 200; client++) {
      FakePick pick = FakePick.from("198.51.100." + client);
      assertThat(other.pick(pick)).isSameAs(picker.pick(pick));
    }
  }

  @ParameterizedTest
  @EnumSource
  void walksThroughAllEndpointsInAnOrderOfTheKeysOwn(Kind kind) {
    Picker picker = picker(kind, 1.5, "client-ip");
    Set<List<Endpoint>> orders = new HashSet<>();
    for (int client = 0; client < 20; client++) {
      List<Endpoint> order = walk(picker, "198.51.100." + client);
      assertThat(order).doesNotHaveDuplicates().hasSize(10);
      assertThat(walk(picker, "198.51.100." + client)).isEqualTo(order);
      orders.add(order);
    }
    assertThat(orders).hasSizeGreaterThan(18);
  }

  private static List<Endpoint> walk(Picker picker, String client) {
    List<Endpoint> tried = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      tried.add(picker.pick(new FakePick(null, client, new HashSet<>(tried))));
    }
    return tried;
  }

  @Test
  void retriesOnTheRingWhereTheKeyWillGoOnceTheEndpointIsGone() {
    Picker before = picker(Kind.RING, 1.5, "client-ip");
    for (int client = 0; client < 20; client++) {
      String ip = "198.51.100." + client;
      Endpoint owner = before.pick(FakePick.from(ip));
      List<Endpoint> rest = new ArrayList<>(endpoints);
      rest.remove(owner);
      Picker after = balancer(Kind.RING, 1.5, "client-ip").picker(rest);

      assertThat(before.pick(new FakePick(null, ip, Set.of(owner))))
          .isSameAs(after.pick(FakePick.from(ip)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void answersSomethingWhenAllAreExcluded(Kind kind) {
    FakePick pick = new FakePick(null, "198.51.100.1", Set.copyOf(endpoints));

    assertThat(picker(kind, 1.5, "client-ip").pick(pick)).isIn(endpoints);
  }

  @ParameterizedTest
  @EnumSource
  void findsTheOnlyOneAllowed(Kind kind) {
    endpoints.get(3).weight(1);
    endpoints.get(4).weight(10_000);
    Set<Endpoint> others = new HashSet<>(endpoints);
    others.remove(endpoints.get(3));
    Picker picker = picker(kind, 1.5, "client-ip");
    for (int client = 0; client < 50; client++) {
      assertThat(picker.pick(new FakePick(null, "198.51.100." + client, others)))
          .isSameAs(endpoints.get(3));
    }
  }

  @ParameterizedTest
  @EnumSource
  void takesTheFirstKeyThatIsPresent(Kind kind) {
    Picker picker = picker(kind, 1.5, "cookie:sid", "header:X-User");
    Endpoint byCookie = picker.pick(FakePick.of("GET /\nCookie: sid=ann"));

    assertThat(picker.pick(FakePick.of("GET /\nX-User: bob\nCookie: sid=ann"))).isSameAs(byCookie);
    assertThat(picker.pick(FakePick.of("GET /\nX-User: ann"))).isSameAs(byCookie);
  }

  @ParameterizedTest
  @EnumSource
  void spreadsRequestsWithoutAKeyByChance(Kind kind) {
    Picker picker = picker(kind, 1.5, "header:X-User");
    Set<Endpoint> used = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      used.add(picker.pick(new FakePick(FakeRequest.of("GET /"), "198.51.100.1", Set.of())));
    }
    assertThat(used).hasSize(10);
  }

  static Stream<Arguments> kindsAndNumbers() {
    return Stream.of(Kind.values())
        .flatMap(kind -> Stream.of(2, 3, 10, 100).map(count -> Arguments.of(kind, count)));
  }

  /** χ² against what each owns: a thousand clients for each endpoint on average, none twice. */
  @ParameterizedTest
  @MethodSource("kindsAndNumbers")
  void spreadsClientsAsSlotsAreOwned(Kind kind, int count) {
    int[] counts = new int[count];
    List<FakeEndpoint> many = FakeEndpoint.several(count);
    Picker picker = balancer(kind, Double.POSITIVE_INFINITY, "client-ip").picker(List.copyOf(many));
    for (int client = 0; client < 1_000 * count; client++) {
      String ip = "10." + client / 65_536 + "." + client / 256 % 256 + "." + client % 256;
      counts[many.indexOf(picker.pick(FakePick.from(ip)))]++;
    }

    assertThat(ChiSquare.of(counts, owned(kind, many))).isLessThan(ChiSquare.limit(count));
  }

  @ParameterizedTest
  @MethodSource("kindsAndNumbers")
  void drawsSlotsEvenlyForRequestsWithoutAKey(Kind kind, int count) {
    int[] counts = new int[count];
    List<FakeEndpoint> many = FakeEndpoint.several(count);
    for (int i = 0; i < count; i++) {
      many.get(i).weight(Shares.unequal(count)[i]);
    }
    Picker picker =
        balancer(kind, Double.POSITIVE_INFINITY, "header:X-User").picker(List.copyOf(many));
    for (int i = 0; i < 1_000 * count; i++) {
      counts[many.indexOf(picker.pick(FakePick.of("GET /")))]++;
    }

    assertThat(ChiSquare.of(counts, owned(kind, many))).isLessThan(ChiSquare.limit(count));
  }

  private static double[] owned(Kind kind, List<FakeEndpoint> endpoints) {
    String[] ids = endpoints.stream().map(Endpoint::id).toArray(String[]::new);
    int[] weights = endpoints.stream().mapToInt(Endpoint::weight).toArray();
    return Shares.owned(kind.layout(ids, weights), ids.length);
  }

  /** Mirrokni et al., §1: no more than ⌈c·m/n⌉ of m, whatever the keys. */
  @ParameterizedTest
  @MethodSource("kindsAndNumbers")
  void holdsEveryEndpointToTheBoundEvenWhenAllHaveOneKey(Kind kind, int count) {
    List<FakeEndpoint> many = FakeEndpoint.several(count);
    Picker picker = balancer(kind, 1.5, "client-ip").picker(List.copyOf(many));
    FakePick pick = FakePick.from("198.51.100.1");
    for (int requests = 1; requests <= 100 * count; requests++) {
      take((FakeEndpoint) picker.pick(pick));
      int bound = (int) Math.ceil(1.5 * requests / count - 1e-9);
      assertThat(many).allMatch(endpoint -> endpoint.activeRequests() <= bound);
    }
    // 150 each: two thirds of them are in use, in the order of the key.
    assertThat(many)
        .filteredOn(endpoint -> endpoint.activeRequests() > 0)
        .hasSize((int) Math.ceil(count / 1.5));
  }

  @ParameterizedTest
  @MethodSource("kindsAndNumbers")
  void holdsEveryEndpointToItsShareOfTheBoundByWeight(Kind kind, int count) {
    List<FakeEndpoint> many = FakeEndpoint.several(count);
    int units = 0;
    for (int i = 0; i < count; i++) {
      many.get(i).weight(Shares.unequal(count)[i]);
      units += many.get(i).weight();
    }
    double unit = 1.25 / units;
    Picker picker = balancer(kind, 1.25, "client-ip").picker(List.copyOf(many));
    for (int requests = 1; requests <= 100 * count; requests++) {
      int all = requests;
      take((FakeEndpoint) picker.pick(FakePick.from("198.51.100." + requests % 7)));
      assertThat(many)
          .allMatch(one -> one.activeRequests() <= Math.ceil(unit * all * one.weight() - 1e-9));
    }
  }

  @ParameterizedTest
  @EnumSource
  void boundsByWeightAndSlowStart(Kind kind) {
    endpoints.get(0).weight(5);
    endpoints.get(1).effectiveWeight(0.1);
    Picker picker = picker(kind, 1.2, "client-ip");
    for (int i = 0; i < 1_410; i++) {
      take((FakeEndpoint) picker.pick(FakePick.from("198.51.100." + i)));
    }

    // 13.1 units of effective weight share 1,410 requests: 107.6 each on average.
    assertThat(endpoints.get(0).activeRequests()).isBetween(400, 646);
    assertThat(endpoints.get(1).activeRequests()).isBetween(10, 13);
    assertThat(endpoints.subList(2, 10))
        .allMatch(endpoint -> endpoint.activeRequests() <= 130 && endpoint.activeRequests() > 60);
  }

  @ParameterizedTest
  @EnumSource
  void sendsAllOfAKeyToOneEndpointWithoutABound(Kind kind) {
    Picker picker = picker(kind, Double.POSITIVE_INFINITY, "client-ip");
    FakeEndpoint owner = (FakeEndpoint) picker.pick(FakePick.from("198.51.100.1"));
    owner.activeRequests(10_000);

    assertThat(picker.pick(FakePick.from("198.51.100.1"))).isSameAs(owner);
  }

  @ParameterizedTest
  @EnumSource
  void leavesKeysWhereTheyAreInSlowStart(Kind kind) {
    Picker picker = picker(kind, 1.5, "client-ip");
    FakePick pick = FakePick.from("198.51.100.1");
    FakeEndpoint owner = (FakeEndpoint) picker.pick(pick);

    owner.effectiveWeight(0.1);

    assertThat(picker(kind, 1.5, "client-ip").pick(pick)).isSameAs(owner);
  }

  @Test
  void laysOutAnewOnlyWhenEndpointsOrWeightsChange() {
    AtomicInteger made = new AtomicInteger();
    HashBalancer balancer =
        new HashBalancer(
            new HashConfig(List.of(), 1.5),
            (ids, weights) -> {
              made.incrementAndGet();
              return Kind.RING.layout(ids, weights);
            },
            () -> random);
    balancer.picker(List.copyOf(endpoints));
    endpoints.get(0).effectiveWeight(0.5);
    Collections.shuffle(endpoints, random);
    balancer.picker(List.copyOf(endpoints));
    assertThat(made).hasValue(1);

    endpoints.get(0).weight(2);
    balancer.picker(List.copyOf(endpoints));
    assertThat(made).hasValue(2);
    balancer.picker(List.copyOf(endpoints.subList(0, 9)));
    assertThat(made).hasValue(3);
  }

  private static void take(FakeEndpoint endpoint) {
    endpoint.activeRequests(endpoint.activeRequests() + 1);
  }

  private Picker picker(Kind kind, double bound, String... keys) {
    return balancer(kind, bound, keys).picker(List.copyOf(endpoints));
  }

  private HashBalancer balancer(Kind kind, double bound, String... keys) {
    List<HashKey> parsed = new ArrayList<>();
    for (String key : keys) {
      parsed.add(HashKey.of(key));
    }
    return new HashBalancer(new HashConfig(parsed, bound), kind::layout, () -> random);
  }
}
