package io.sluice.plugin.consistenthash;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.PluginFactory;
import io.sluice.api.upstream.LoadBalancerFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HashFactoriesTest {

  private static final String KEY_EXPECTED =
      "client-ip, path, header:NAME, cookie:NAME or query:NAME";

  @Test
  void areFoundUnderTheirNamesAndNeedNoKeys() {
    assertThat(ServiceLoader.load(LoadBalancerFactory.class))
        .extracting(PluginFactory::type)
        .contains("ring-hash", "maglev");
    assertThat(PluginTester.of(new RingHashFactory()).create("").instance()).isNotNull();
    assertThat(PluginTester.of(new MaglevFactory()).create("").instance()).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "key = path",
        "key = \"header:X-User\"",
        "key = [\"cookie:sid\", \"query:user\", client-ip]",
        "bounded-load = off",
        "bounded-load = 125%",
        "bounded-load = \"101 %\"",
        "min-points = 4096",
        "min-points = 100000",
        "min-points = 1024, max-points = 2048",
      })
  void acceptsEveryKeyOfRingHash(String hocon) {
    assertThat(ring(hocon)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"table-size = 131071", "key = path, bounded-load = 200%"})
  void acceptsEveryKeyOfMaglev(String hocon) {
    assertThat(maglev(hocon)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"100%", "20000%", "1.5", "on"})
  void refusesABoundThatIsNone(String bound) {
    assertThat(ring("bounded-load = \"" + bound + "\""))
        .containsExactly(
            "plugin.conf:1: bounded-load: \""
                + bound
                + "\" is not accepted (expected: off or a share from 101% to 10000%)");
  }

  @Test
  void refusesWhatIsNoKey() {
    assertThat(maglev("key = [client-ip, \"host\"]"))
        .containsExactly(
            "plugin.conf:1: key: \"host\" is not a key (expected: " + KEY_EXPECTED + ")");
    assertThat(maglev("key = []")).hasSize(1).first().asString().contains(KEY_EXPECTED);
  }

  @Test
  void refusesFewPoints() {
    assertThat(ring("min-points = 1000"))
        .containsExactly(
            "plugin.conf:1: min-points: \"1000\" is out of range (expected: a whole number from"
                + " 1024 to 1048576)");
  }

  @Test
  void refusesAMaximumBelowTwiceTheMinimum() {
    assertThat(ring("min-points = 2048, max-points = 4000"))
        .containsExactly(
            "plugin.conf:1: max-points: 4000 is less than twice min-points (expected: at least"
                + " 4096)");
  }

  @Test
  void refusesATableSizeThatIsNoPrime() {
    assertThat(maglev("table-size = 65536"))
        .containsExactly(
            "plugin.conf:1: table-size: \"65536\" is not accepted (expected: a prime number)");
  }

  @Test
  void refusesTheKeysOfTheOther() {
    assertThat(maglev("min-points = 2048")).hasSize(1);
    assertThat(ring("table-size = 65537")).hasSize(1);
  }

  private static List<String> ring(String hocon) {
    return PluginTester.of(new RingHashFactory()).create(hocon).problems();
  }

  private static List<String> maglev(String hocon) {
    return PluginTester.of(new MaglevFactory()).create(hocon).problems();
  }
}
