package io.sluice.plugin.healthchecktcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OctetsTest {

  @Test
  void readsTextWithEscapes() {
    assertThat(Octets.of("PING\\r\\n\\t\\0\\\\\\xff"))
        .isEqualTo("PING\r\n\t\0\\\u00ff".getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void readsTextAsUtf8() {
    assertThat(Octets.of("é")).containsExactly(0xc3, 0xa9);
  }

  @Test
  void readsHexadecimal() {
    assertThat(Octets.of("hex:0a FF 00")).containsExactly(0x0a, 0xff, 0x00);
    assertThat(Octets.of("hex:")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a\\ | a lone \\ at the end",
        "\\q | unknown escape \\q",
        "\\x4 | not two hexadecimal digits",
        "\\xzz | not two hexadecimal digits",
        "hex:abc | an odd number of hexadecimal digits",
        "hex:zz | not two hexadecimal digits"
      })
  void refusesBrokenText(String text, String message) {
    assertThatThrownBy(() -> Octets.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
