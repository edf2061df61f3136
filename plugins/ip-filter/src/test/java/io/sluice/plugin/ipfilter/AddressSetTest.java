package io.sluice.plugin.ipfilter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AddressSetTest {

  @Test
  void holdsTheEdgesOfABlockAndNothingBeside() {
    AddressSet set = set("10.1.0.0/16");

    assertThat(set.contains(address("10.1.0.0"))).isTrue();
    assertThat(set.contains(address("10.1.255.255"))).isTrue();
    assertThat(set.contains(address("10.0.255.255"))).isFalse();
    assertThat(set.contains(address("10.2.0.0"))).isFalse();
  }

  @Test
  void holdsBlocksThatNest() {
    AddressSet set = set("10.1.2.0/24", "10.0.0.0/8", "10.0.0.0/16", "11.0.0.1");

    assertThat(set.contains(address("10.255.0.1"))).isTrue();
    assertThat(set.contains(address("11.0.0.1"))).isTrue();
    assertThat(set.contains(address("11.0.0.2"))).isFalse();
  }

  @Test
  void ordersAddressesWithoutSign() {
    AddressSet set = set("8000::/1", "200.0.0.0/8");

    assertThat(set.contains(address("ffff::1"))).isTrue();
    assertThat(set.contains(address("7fff::1"))).isFalse();
    assertThat(set.contains(address("200.1.2.3"))).isTrue();
  }

  @Test
  void keepsIpv4AndIpv6Apart() {
    assertThat(set("0.0.0.0/0").contains(address("2001:db8::1"))).isFalse();
    assertThat(set("2000::/3").contains(address("10.0.0.1"))).isFalse();
  }

  @Test
  void agreesWithASlowSearchOnManyBlocks() {
    List<Cidr> cidrs = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      cidrs.add(Cidr.parse("10." + i % 250 + "." + i * 7 % 256 + ".0/24"));
    }
    AddressSet set = AddressSet.of(cidrs);

    for (int i = 0; i < 5_000; i++) {
      Address address = address("10." + i % 256 + "." + i * 13 % 256 + ".9");
      boolean slow =
          cidrs.stream()
              .anyMatch(c -> c.first().compareTo(address) <= 0 && c.last().compareTo(address) >= 0);
      assertThat(set.contains(address)).isEqualTo(slow);
    }
  }

  private static AddressSet set(String... cidrs) {
    return AddressSet.of(Stream.of(cidrs).map(Cidr::parse).toList());
  }

  private static Address address(String text) {
    return Cidr.parse(text).first();
  }
}
