package io.sluice.core.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sluice.core.transport.ProxyHeader.Found;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers of the PROXY protocol, whole, in pieces and broken. */
class ProxyHeaderTest {

  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private static ByteBuf hex(String octets) {
    return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(octets.replace(" ", "")));
  }

  private static void wholeOnlyAtItsEnd(ByteBuf header) {
    for (int i = 0; i < header.readableBytes(); i++) {
      assertThat(ProxyHeader.look(header.slice(0, i)))
          .as("after %d octets", i)
          .isEqualTo(Found.MORE);
    }
    assertThat(ProxyHeader.look(header)).isEqualTo(Found.WHOLE);
    assertThat(ProxyHeader.of(header).length()).isEqualTo(header.readableBytes());
    ByteBuf followed = Unpooled.wrappedBuffer(header.duplicate(), text("GET / HTTP/1.1\r\n"));
    assertThat(ProxyHeader.look(followed)).isEqualTo(Found.WHOLE);
    assertThat(ProxyHeader.of(followed).length()).isEqualTo(header.readableBytes());
  }

  @Test
  void readsALineOfBothFamilies() {
    ByteBuf four = text("PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n");
    wholeOnlyAtItsEnd(four);
    assertThat(ProxyHeader.of(four).source()).hasToString("/203.0.113.7:56324");
    assertThat(ProxyHeader.of(four).destination()).hasToString("/192.0.2.1:443");

    ByteBuf six = text("PROXY TCP6 2001:db8::7 2001:db8::1 1 65535\r\n");
    wholeOnlyAtItsEnd(six);
    assertThat(ProxyHeader.of(six).source()).hasToString("/[2001:db8:0:0:0:0:0:7]:1");
  }

  @Test
  void unknownNamesNobodyWhateverFollows() {
    ByteBuf bare = text("PROXY UNKNOWN\r\n");
    wholeOnlyAtItsEnd(bare);
    assertThat(ProxyHeader.of(bare).source()).isNull();
    ByteBuf more = text("PROXY UNKNOWN ffff::1 x y z\r\n");
    wholeOnlyAtItsEnd(more);
    assertThat(ProxyHeader.of(more).source()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\n",
        "PROXY \r\n",
        "PROXY tcp4 203.0.113.7 192.0.2.1 56324 443\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 56324\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443 1\r\n",
        "PROXY TCP4  203.0.113.7 192.0.2.1 56324 443\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 +1 443\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 056 443\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 65536 443\r\n",
        "PROXY TCP4 203.0.113 192.0.2.1 1 443\r\n",
        "PROXY TCP4 2001:db8::7 2001:db8::1 1 443\r\n",
        "PROXY TCP6 203.0.113.7 192.0.2.1 1 443\r\n",
        "PROXY TCP6 fe80::1%eth0 2001:db8::1 1 443\r\n",
        "PROXY TCP4 localhost 192.0.2.1 1 443\r\n",
        "PROXY UDP4 203.0.113.7 192.0.2.1 1 443\r\n"
      })
  void refusesABrokenLine(String line) {
    assertThat(ProxyHeader.look(text(line))).isEqualTo(Found.BROKEN);
  }

  @Test
  void refusesALineWithoutAnEnd() {
    assertThat(ProxyHeader.look(text("PROXY TCP4 " + "1".repeat(95)))).isEqualTo(Found.MORE);
    assertThat(ProxyHeader.look(text("PROXY TCP4 " + "1".repeat(96)))).isEqualTo(Found.BROKEN);
    assertThat(ProxyHeader.look(text("PROXY UNKNOWN " + "1".repeat(96) + "\r\n")))
        .isEqualTo(Found.BROKEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET / HTTP/1.1\r\n", "PROXX", "PUT", "\r\n\r\nG", "\u0016\u0003\u0001"})
  void leavesAnythingElseAlone(String other) {
    assertThat(ProxyHeader.look(text(other))).isEqualTo(Found.NONE);
  }

  @Test
  void readsTheBinaryFormOfBothFamilies() {
    ByteBuf four = hex(SIGNATURE + "21 11 000c cb007107 c0000201 dc04 01bb");
    wholeOnlyAtItsEnd(four);
    assertThat(ProxyHeader.of(four).source()).hasToString("/203.0.113.7:56324");
    assertThat(ProxyHeader.of(four).destination()).hasToString("/192.0.2.1:443");

    ByteBuf six =
        hex(
            SIGNATURE
                + "21 21 0024 20010db8000000000000000000000007"
                + "20010db8000000000000000000000001 0001 ffff");
    wholeOnlyAtItsEnd(six);
    assertThat(ProxyHeader.of(six).source()).hasToString("/[2001:db8:0:0:0:0:0:7]:1");
    assertThat(ProxyHeader.of(six).destination()).hasToString("/[2001:db8:0:0:0:0:0:1]:65535");
  }

  @Test
  void skipsWhatFollowsTheAddresses() {
    ByteBuf tlvs = hex(SIGNATURE + "21 11 0013 cb007107 c0000201 dc04 01bb" + "01 0004 68747470");
    wholeOnlyAtItsEnd(tlvs);
    assertThat(ProxyHeader.of(tlvs).source()).hasToString("/203.0.113.7:56324");
  }

  @Test
  void aLocalConnectionAndOneWithoutIpAddressesNameNobody() {
    for (String octets :
        new String[] {
          "20 00 0000",
          "20 11 000c cb007107 c0000201 dc04 01bb",
          "21 00 0000",
          "21 00 0003 010000",
          "21 31 00d8" + "00".repeat(216)
        }) {
      ByteBuf header = hex(SIGNATURE + octets);
      wholeOnlyAtItsEnd(header);
      assertThat(ProxyHeader.of(header).source()).as(octets).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "11 11 000c cb007107 c0000201 dc04 01bb",
        "22 11 000c cb007107 c0000201 dc04 01bb",
        "21 12 000c cb007107 c0000201 dc04 01bb",
        "21 11 000b cb007107 c0000201 dc04 01",
        "21 21 000c cb007107 c0000201 dc04 01bb",
        "21 31 0000"
      })
  void refusesABrokenBinaryForm(String octets) {
    assertThat(ProxyHeader.look(hex(SIGNATURE + octets))).isEqualTo(Found.BROKEN);
  }
}
