package io.sluice.plugin.accesslogjson;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class JsonLineTest {

  private static final long NOW = Instant.parse("2026-03-04T05:06:07.089Z").toEpochMilli();

  private final JsonLine line = new JsonLine();

  @Test
  void writesAnObjectOnOneLine() {
    line.begin(NOW);
    line.text(JsonLine.key("a"), "b");
    line.number(JsonLine.key("n"), -120);
    line.end();

    assertThat(written()).isEqualTo("{\"a\":\"b\",\"n\":-120}\n");
  }

  @Test
  void keepsHostileTextInsideItsString() {
    assertThat(quoted("\",\"status\":200,\"x\":\""))
        .isEqualTo("\\\",\\\"status\\\":200,\\\"x\\\":\\\"");
    assertThat(quoted("a\\")).isEqualTo("a\\\\");
    assertThat(quoted("a\r\n{}\t")).isEqualTo("a\\r\\n{}\\t");
    assertThat(quoted("\0\u001b[31m\u007f")).isEqualTo("\\u0000\\u001b[31m\\u007f");
    assertThat(quoted("\u00e9\u2028\ud83d\ude00\ud83d"))
        .isEqualTo("\\u00e9\\u2028\\ud83d\\ude00\\ud83d");
  }

  @Test
  void escapesEveryOctetToAscii() {
    StringBuilder all = new StringBuilder();
    for (char c = 0; c <= 0xff; c++) {
      all.append(c);
    }

    assertThat(quoted(all.toString())).matches("[ -~]*").doesNotContain("\n");
  }

  @Test
  void cutsWhatIsTooLong() {
    String cut = quoted("a".repeat(JsonLine.MAX_VALUE_CHARS + 1));

    assertThat(cut).isEqualTo("a".repeat(JsonLine.MAX_VALUE_CHARS) + "\\u2026");
    assertThat(quoted("a".repeat(JsonLine.MAX_VALUE_CHARS))).doesNotContain("\\u2026");
  }

  @Test
  void writesNumbersOfEverySize() {
    assertThat(number(0)).isEqualTo("0");
    assertThat(number(Long.MAX_VALUE)).isEqualTo("9223372036854775807");
    assertThat(number(Long.MIN_VALUE)).isEqualTo("-9223372036854775808");
  }

  @Test
  void writesMillisecondsWithThreeDecimals() {
    assertThat(millis(1_234_567)).isEqualTo("1.234");
    assertThat(millis(7_000)).isEqualTo("0.007");
    assertThat(millis(0)).isEqualTo("0.000");
  }

  @Test
  void writesWhenTheRequestBegan() {
    assertThat(time(Duration.ZERO)).isEqualTo("\"2026-03-04T05:06:07.089Z\"");
    assertThat(time(Duration.ofMillis(90))).isEqualTo("\"2026-03-04T05:06:06.999Z\"");
    assertThat(time(Duration.ofMillis(7_089))).isEqualTo("\"2026-03-04T05:06:00.000Z\"");
  }

  @Test
  void isReadyForTheNextLine() {
    quoted("\u0001".repeat(8_000));

    assertThat(quoted("next")).isEqualTo("next");
  }

  private String quoted(String value) {
    line.begin(NOW);
    line.text(JsonLine.key("v"), value);
    line.end();
    String text = written();
    return text.substring("{\"v\":\"".length(), text.length() - "\"}\n".length());
  }

  private String number(long value) {
    line.begin(NOW);
    line.number(JsonLine.key("v"), value);
    line.end();
    return value();
  }

  private String millis(long nanos) {
    line.begin(NOW);
    line.millis(JsonLine.key("v"), nanos);
    line.end();
    return value();
  }

  private String time(Duration ago) {
    line.begin(NOW);
    line.time(JsonLine.key("v"), ago.toNanos());
    line.end();
    return value();
  }

  private String value() {
    String text = written();
    return text.substring("{\"v\":".length(), text.length() - "}\n".length());
  }

  private String written() {
    return new String(line.bytes(), 0, line.length(), StandardCharsets.US_ASCII);
  }
}
