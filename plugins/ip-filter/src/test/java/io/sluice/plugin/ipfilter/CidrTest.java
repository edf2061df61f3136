package io.sluice.plugin.ipfilter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CidrTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0, 10.255.255.255",
    "192.0.2.128/25, 192.0.2.128, 192.0.2.255",
    "192.0.2.1, 192.0.2.1, 192.0.2.1",
    "0.0.0.0/0, 0.0.0.0, 255.255.255.255",
    "2001:db8::/32, 2001:db8::, 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "::1/128, ::1, ::1"
  })
  void spansItsBlock(String text, String first, String last) {
    assertThat(Cidr.parse(text)).isEqualTo(new Cidr(address(first), address(last)));
  }

  @Test
  void takesAMappedAddressForTheIpv4AddressItIs() {
    assertThat(Cidr.parse("::ffff:192.0.2.1")).isEqualTo(Cidr.parse("192.0.2.1"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "localhost | \"localhost\" is not an IP address or CIDR",
        "10.0.0.0/33 | \"10.0.0.0/33\" has no prefix length from 0 to 32",
        "10.0.0.0/ | \"10.0.0.0/\" has no prefix length from 0 to 32",
        "10.0.0.0/08 | \"10.0.0.0/08\" has no prefix length from 0 to 32",
        "10.0.0.0/8/8 | \"10.0.0.0/8/8\" has no prefix length from 0 to 32",
        "::/129 | \"::/129\" has no prefix length from 0 to 128",
        "10.0.0.1/8 | \"10.0.0.1/8\" has bits set behind its prefix of 8"
      })
  void refusesBrokenBlocks(String text, String message) {
    assertThatThrownBy(() -> Cidr.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private static Address address(String text) {
    return Cidr.parse(text).first();
  }
}
