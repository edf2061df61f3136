package io.sluice.plugin.ipfilter;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IpFilterConfigTest {

  @Test
  void isFoundUnderItsNameAndNeedsKeys() {
    assertThat(ServiceLoader.load(MiddlewareFactory.class))
        .anyMatch(factory -> factory.type().equals("ip-filter") && !factory.safeWithoutConfig());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "allow = 10.0.0.0/8",
        "type = ip-filter, allow = [10.0.0.0/8, \"::1\"], deny = [10.0.0.1]",
        "allow = 10.0.0.0/8, deny = []",
        "deny = 0.0.0.0/0"
      })
  void accepts(String hocon) {
    assertThat(problems(hocon)).isEmpty();
  }

  @Test
  void refusesToGuardNothing() {
    assertThat(problems(""))
        .containsExactly("plugin.conf:1: lets everyone pass (expected: allow or deny)");
    assertThat(problems("deny = []"))
        .containsExactly(
            "plugin.conf:1: deny: names nobody, so everyone passes (expected: at least one address or CIDR)");
  }

  @Test
  void refusesAnAllowListThatCameOutEmpty() {
    assertThat(problems("allow = [${?ABSENT}], deny = [10.0.0.1]"))
        .containsExactly(
            "plugin.conf:1: allow: names nobody (expected: at least one address or CIDR, or no allow at all)");
  }

  @Test
  void refusesNames() {
    assertThat(problems("allow = [localhost, 10.0.0.1]"))
        .containsExactly(
            "plugin.conf:1: allow: \"localhost\" is not an IP address or CIDR (expected: an address or CIDR such as 10.0.0.0/8 or 2001:db8::/32)");
  }

  @Test
  void refusesBitsBehindThePrefix() {
    assertThat(problems("deny = [10.0.0.1/8]"))
        .containsExactly(
            "plugin.conf:1: deny: \"10.0.0.1/8\" has bits set behind its prefix of 8 (expected: an address or CIDR such as 10.0.0.0/8 or 2001:db8::/32)");
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new IpFilterFactory()).create(hocon).problems();
  }
}
