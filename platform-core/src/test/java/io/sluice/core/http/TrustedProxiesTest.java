package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrustedProxiesTest {

  private final TrustedProxies proxies =
      new TrustedProxies(List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("2001:db8::/32")));

  @Test
  void believesNobodyByDefault() {
    assertThat(client(TrustedProxies.NONE, "10.0.0.1", List.of("1.2.3.4"), List.of()))
        .isEqualTo("10.0.0.1");
    assertThat(TrustedProxies.NONE.trusts(CidrTest.address("127.0.0.1"))).isFalse();
  }

  @Test
  void ignoresWhatAnUntrustedPeerSays() {
    assertThat(client(proxies, "203.0.113.1", List.of("1.2.3.4"), List.of("for=1.2.3.4")))
        .isEqualTo("203.0.113.1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1.2.3.4 | 1.2.3.4",
        "6.6.6.6, 1.2.3.4 | 1.2.3.4",
        "6.6.6.6, 1.2.3.4, 10.0.0.2 | 1.2.3.4",
        "1.2.3.4,10.0.0.2,  10.0.0.3 | 1.2.3.4",
        "1.2.3.4, , 10.0.0.2, | 1.2.3.4",
        "10.0.0.3, 10.0.0.2 | 10.0.0.3",
        "1.2.3.4:5678 | 1.2.3.4",
        "[2001:db9::7]:99 | 2001:db9:0:0:0:0:0:7",
        "[2001:db9::7] | 2001:db9:0:0:0:0:0:7",
        "2001:db9::7 | 2001:db9:0:0:0:0:0:7",
        "1.2.3.4, [2001:db8::7]:99 | 1.2.3.4",
        "1.2.3.4, garbage, 10.0.0.2 | 10.0.0.2",
        "1.2.3.4, unknown | 10.0.0.1",
        "1.2.3.4, _hidden | 10.0.0.1",
        "1.2.3.4, 10.0.0.256 | 10.0.0.1",
        "1.2.3.4, 10.0.0.2:x | 10.0.0.1",
        "1.2.3.4, 10.0.0.2: | 10.0.0.1",
        "1.2.3.4, [10.0.0.2] | 10.0.0.1",
        "1.2.3.4, [2001:db8::7 | 10.0.0.1",
        "1.2.3.4, [2001:db8::7]x | 10.0.0.1",
        "1.2.3.4, localhost | 10.0.0.1",
        "'' | 10.0.0.1",
      })
  void readsTheListFromItsRightEnd(String line, String client) {
    assertThat(client(proxies, "10.0.0.1", List.of(line), List.of())).isEqualTo(client);
  }

  @Test
  void readsSeveralLinesAsOneList() {
    assertThat(client(proxies, "10.0.0.1", List.of("6.6.6.6", "1.2.3.4, 10.0.0.2"), List.of()))
        .isEqualTo("1.2.3.4");
    assertThat(client(proxies, "10.0.0.1", List.of("1.2.3.4", "10.0.0.2"), List.of()))
        .isEqualTo("1.2.3.4");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "for=1.2.3.4 | 1.2.3.4",
        "For=\"1.2.3.4:80\";proto=https;by=10.0.0.9 | 1.2.3.4",
        "proto=https; for=1.2.3.4 | 1.2.3.4",
        "for=\"[2001:db9::7]:4711\" | 2001:db9:0:0:0:0:0:7",
        "for=6.6.6.6, for=1.2.3.4, for=10.0.0.2 | 1.2.3.4",
        "for=1.2.3.4;host=\"a,b;c\\\"d\", for=10.0.0.2 | 1.2.3.4",
        "for=1.2.3.4, for=unknown | 10.0.0.1",
        "for=1.2.3.4, for=_SEVKISEK | 10.0.0.1",
        "for=1.2.3.4, proto=http | 10.0.0.1",
        "for=1.2.3.4, for=\"10.0.0.2 | 10.0.0.1",
        "for=\"x, for=1.2.3.4 | 10.0.0.1",
        "for=1.2.3.4;for=5.6.7.8 | 10.0.0.1",
        "for | 10.0.0.1",
        "=1.2.3.4 | 10.0.0.1",
        "for= | 10.0.0.1",
        "for=1.2.3.4 x | 10.0.0.1",
        "for=\"1.2.3.4\\ | 10.0.0.1",
      })
  void readsForwarded(String line, String client) {
    assertThat(client(proxies, "10.0.0.1", List.of(), List.of(line))).isEqualTo(client);
  }

  @Test
  void prefersXForwardedForToForwarded() {
    assertThat(client(proxies, "10.0.0.1", List.of("1.2.3.4"), List.of("for=5.6.7.8")))
        .isEqualTo("1.2.3.4");
  }

  private static String client(
      TrustedProxies proxies, String peer, List<String> forwardedFor, List<String> forwarded) {
    InetAddress client = proxies.clientOf(CidrTest.address(peer), forwardedFor, forwarded);
    return client.getHostAddress();
  }
}
