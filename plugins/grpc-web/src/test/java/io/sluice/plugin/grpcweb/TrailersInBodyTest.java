package io.sluice.plugin.grpcweb;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.testkit.BodyHarness;
import io.sluice.plugin.testkit.FakeHeaders;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class TrailersInBodyTest {

  private static byte[] message(int length) {
    byte[] octets = new byte[5 + length];
    octets[3] = (byte) (length >> 8);
    octets[4] = (byte) length;
    Arrays.fill(octets, 5, octets.length, (byte) ('a' + length % 26));
    return octets;
  }

  @Test
  void textDecodesToTheSameWhereverItIsCut() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    StringBuilder expected = new StringBuilder();
    for (int length : new int[] {0, 1, 2, 3, 4, 0, 9}) {
      all.writeBytes(message(length));
      expected.append(Base64.getEncoder().encodeToString(message(length)));
    }
    byte[] octets = all.toByteArray();
    for (int first = 0; first <= octets.length; first++) {
      for (int second = first; second <= octets.length; second++) {
        BodyHarness body = BodyHarness.of(new TrailersInBody(true, true));
        body.chunk(Arrays.copyOfRange(octets, 0, first));
        body.chunk(Arrays.copyOfRange(octets, first, second));
        body.chunk(Arrays.copyOfRange(octets, second, octets.length)).end();
        assertThat(body.text()).isEqualTo(expected.toString());
      }
    }
  }

  @Test
  void aMessageIsWholeForItsReaderAsSoonAsItCame() {
    BodyHarness body = BodyHarness.of(new TrailersInBody(true, false));
    for (int length = 0; length < 300; length++) {
      int before = body.output().length;
      body.chunk(message(length));
      byte[] text = Arrays.copyOfRange(body.output(), before, body.output().length);
      assertThat(Base64.getDecoder().decode(text)).isEqualTo(message(length));
    }
  }

  @Test
  void aBodyThatEndsWithinAMessageKeepsItsLastOctets() {
    BodyHarness body = BodyHarness.of(new TrailersInBody(true, true));
    body.chunk(Arrays.copyOf(message(9), 10)).end();
    assertThat(Base64.getDecoder().decode(body.output())).isEqualTo(Arrays.copyOf(message(9), 10));
  }

  @Test
  void lengthsHaveThirtyTwoBits() {
    byte[] large = new byte[5 + 100_000];
    large[2] = 1;
    large[3] = (byte) 0x86;
    large[4] = (byte) 0xA0;
    BodyHarness body = BodyHarness.of(new TrailersInBody(true, false));
    body.chunk(large);
    assertThat(Base64.getDecoder().decode(body.output())).isEqualTo(large);
  }

  @Test
  void trailersKeepTheirOctets() {
    BodyHarness body = BodyHarness.of(new TrailersInBody(false, false));
    body.end(FakeHeaders.of("Grpc-Message: caf\u00e9"));
    assertThat(new String(body.output(), StandardCharsets.ISO_8859_1))
        .isEqualTo("\u0080\0\0\0\23grpc-message:caf\u00e9\r\n");
    assertThat(body.ended()).isTrue();
  }
}
