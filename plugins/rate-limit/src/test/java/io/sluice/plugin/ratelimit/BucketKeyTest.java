package io.sluice.plugin.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.testkit.FakeExchange;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BucketKeyTest {

  @Test
  void countsAnIpv6NetworkAsOneClient() {
    BucketKey key = key(64, "client-ip");

    assertThat(key.of(from("2001:db8:0:1::1"))).isEqualTo(key.of(from("2001:db8:0:1:ffff::9")));
    assertThat(key.of(from("2001:db8:0:1::1"))).isNotEqualTo(key.of(from("2001:db8:0:2::1")));
  }

  @Test
  void countsEachIpv4AddressAsAClient() {
    BucketKey key = key(64, "client-ip");

    assertThat(key.of(from("192.0.2.1"))).isNotEqualTo(key.of(from("192.0.2.2")));
  }

  @Test
  void takesAsMuchOfAnIpv6AddressAsItIsTold() {
    assertThat(key(128, "client-ip").of(from("2001:db8::1")))
        .isNotEqualTo(key(128, "client-ip").of(from("2001:db8::2")));
    assertThat(key(33, "client-ip").of(from("2001:db8:7fff::")))
        .isNotEqualTo(key(33, "client-ip").of(from("2001:db8:8000::")));
  }

  @Test
  void keepsMiddlewaresApartInASharedStore() {
    KeyPart ip = KeyPart.of("client-ip");
    FakeExchange exchange = from("192.0.2.1");

    assertThat(new BucketKey("a", java.util.List.of(ip), 64).of(exchange))
        .isNotEqualTo(new BucketKey("b", java.util.List.of(ip), 64).of(exchange));
  }

  @Test
  void joinsPartsSoThatNoneCanPoseAsAnother() {
    BucketKey key = key(64, "header:A", "header:B");

    assertThat(key.of(FakeExchange.of("GET / HTTP/1.1\nA: x\nB: y")))
        .isNotEqualTo(key.of(FakeExchange.of("GET / HTTP/1.1\nA: xy")));
    assertThat(key.of(FakeExchange.of("GET / HTTP/1.1\nA: x")))
        .isNotEqualTo(key.of(FakeExchange.of("GET / HTTP/1.1\nB: x")));
  }

  @Test
  void looksAtEveryPart() {
    BucketKey key = key(64, "client-ip", "path", "host", "route", "cookie:sid");
    String head = "GET /a HTTP/1.1\nHost: a.example\nCookie: sid=1";

    String first = key.of(FakeExchange.of(head));

    assertThat(first).contains("203.0.113.7", "/a", "a.example", "test-route", "\n1\n");
    assertThat(key.of(FakeExchange.of(head.replace("sid=1", "sid=2")))).isNotEqualTo(first);
    assertThat(key.of(FakeExchange.of(head).through("web", null))).isNotEqualTo(first);
  }

  @Test
  void boundsWhatAClientCanMakeLong() {
    BucketKey key = key(64, "header:X");
    String one = key.of(FakeExchange.of("GET / HTTP/1.1\nX: " + "a".repeat(30_000)));
    String other = key.of(FakeExchange.of("GET / HTTP/1.1\nX: " + "a".repeat(30_001)));

    assertThat(one).hasSizeLessThan(150).isNotEqualTo(other);
  }

  private static BucketKey key(int ipv6Prefix, String... parts) {
    return new BucketKey("limit", Stream.of(parts).map(KeyPart::of).toList(), ipv6Prefix);
  }

  private static FakeExchange from(String ip) {
    return FakeExchange.of("GET / HTTP/1.1").from(ip);
  }
}
