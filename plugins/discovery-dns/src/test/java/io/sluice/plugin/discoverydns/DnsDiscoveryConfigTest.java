package io.sluice.plugin.discoverydns;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DnsDiscoveryConfigTest {

  private static List<String> problems(String hocon) {
    return PluginTester.of(new DnsDiscoveryFactory()).create(hocon).problems();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name = \"users.svc:9090\", refresh = 5s",
        "name = \"users.svc.:9090\"",
        "name = _http._tcp.users",
        "name = users, record = srv",
        "name = \"u:1\", record = a, refresh = 1h, min-refresh = 10s, keep-for = 1h, timeout = 1s",
        "name = \"u:1\", keep-for = off",
        "name = \"u:1\", nameservers = [\"10.0.0.53\", \"127.0.0.1:5353\", \"[::1]:53\", \"::1\","
            + " \"[::1]\"]",
      })
  void accepts(String hocon) {
    assertThat(problems(hocon)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        " '' | plugin.conf:1: name: is missing (expected: a text)",
        "name = users | plugin.conf:1: name: \"users\" has no port (expected: name:port, or for srv"
            + " a name such as _http._tcp.users.svc)",
        "name = \"users:0\" | plugin.conf:1: name: \"users:0\" has no port from 1 to 65535"
            + " (expected: name:port, or for srv a name such as _http._tcp.users.svc)",
        "name = \"_http._tcp.users:80\" | plugin.conf:1: name: \"_http._tcp.users:80\" has a port,"
            + " which SRV records say (expected: name:port, or for srv a name such as"
            + " _http._tcp.users.svc)",
        "name = \"10.0.0.1:80\" | plugin.conf:1: name: \"10.0.0.1:80\" is an address (expected: a"
            + " name; addresses stand under endpoints)",
        "name = \"[::1]:80\" | plugin.conf:1: name: \"[::1]:80\" is an address (expected: a name;"
            + " addresses stand under endpoints)",
        "name = \"a b:80\" | plugin.conf:1: name: \"a b:80\" is no DNS name (expected: name:port,"
            + " or for srv a name such as _http._tcp.users.svc)",
        "name = \"a:80\", record = mx | plugin.conf:1: record: unknown choice \"mx\" (expected: one"
            + " of auto, address, a, aaaa, srv)",
        "name = \"a:80\", refresh = 500ms | plugin.conf:1: refresh: is shorter than min-refresh"
            + " (expected: at least min-refresh)",
        "name = \"a:80\", nameservers = localhost | plugin.conf:1: nameservers: \"localhost\" is"
            + " not the address of a name server (expected: addresses: 10.0.0.53, 127.0.0.1:5353,"
            + " [::1]:53)",
        "name = \"a:80\", nameservers = \"1.2.3.4:0\" | plugin.conf:1: nameservers: \"1.2.3.4:0\""
            + " is not the address of a name server (expected: addresses: 10.0.0.53,"
            + " 127.0.0.1:5353, [::1]:53)",
      })
  void refuses(String hocon, String problem) {
    assertThat(problems(hocon)).containsExactly(problem);
  }
}
