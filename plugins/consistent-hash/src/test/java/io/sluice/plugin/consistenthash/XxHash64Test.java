package io.sluice.plugin.consistenthash;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against values of the reference implementation, version 0.8.2. */
class XxHash64Test {

  @ParameterizedTest
  @CsvSource({
    "'', 0, ef46db3751d8e999",
    "'', 7, 95f0626f6f0a4409",
    "a, 0, d24ec4f1a98c6e5b",
    "a, 7, dc6349d489e0f965",
    "abc, 0, 44bc2cf5ad770999",
    "abc, 7, 9e755206156676d7",
    "10.0.0.1:9090, 0, c31a3959626b5efc",
    "10.0.0.1:9090, 7, 461b677da6c1bcd4",
    "0123456789abcdef0123456789abcdef, 0, 642a94958e71e6c5",
    "0123456789abcdef0123456789abcdef, 7, f3bfb9ba5c7df996",
  })
  void hashesAsTheReferenceDoes(String text, long seed, String expected) {
    assertThat(Long.toHexString(XxHash64.hash(text, seed))).isEqualTo(expected);
  }

  @Test
  void hashesLongTextsInStripes() {
    String text =
        "The quick brown fox jumps over the lazy dog, then sleeps for thirty-two octets and more.";

    assertThat(XxHash64.hash(text, 0)).isEqualTo(0x4d55208a32cbded4L);
    assertThat(XxHash64.hash(text, 7)).isEqualTo(0x4aba1b904c50b210L);
  }

  @Test
  void hashesEveryOctet() {
    StringBuilder text = new StringBuilder();
    for (char octet = 0; octet < 256; octet++) {
      text.append(octet);
    }

    assertThat(XxHash64.hash(text.toString(), 0)).isEqualTo(0x1facbe8406cd904bL);
    assertThat(XxHash64.hash(text.toString(), 7)).isEqualTo(0xd233f62ec80e6ea8L);
  }

  @Test
  void hashesAPartAsIfItStoodAlone() {
    assertThat(XxHash64.hash("id=abc; x=1", 3, 6, 0)).isEqualTo(XxHash64.hash("abc", 0));
  }
}
