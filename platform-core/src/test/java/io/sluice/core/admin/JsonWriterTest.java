package io.sluice.core.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonWriterTest {

  private enum Colour {
    DARK_RED
  }

  private record Point(int x, @Nullable String label, List<Double> more) {}

  @Test
  void writesEveryKindOfValue() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("text", "a");
    map.put("whole", 9_007_199_254_740_993L);
    map.put("real", 0.25);
    map.put("flag", true);
    map.put("enum", Colour.DARK_RED);
    map.put("duration", Duration.ofMillis(2500));
    map.put("instant", Instant.EPOCH);
    map.put("raw", new JsonWriter.Json("{\"a\":1}"));
    map.put("list", Arrays.asList(1, null, List.of()));
    map.put("record", new Point(1, null, List.of(Double.NaN, Double.POSITIVE_INFINITY)));
    map.put("empty", Map.of());

    assertThat(JsonWriter.write(map, false))
        .isEqualTo(
            "{\"text\":\"a\",\"whole\":9007199254740993,\"real\":0.25,\"flag\":true,"
                + "\"enum\":\"dark-red\",\"duration\":2.5,\"instant\":\"1970-01-01T00:00:00Z\","
                + "\"raw\":{\"a\":1},\"list\":[1,null,[]],"
                + "\"record\":{\"x\":1,\"label\":null,\"more\":[null,null]},\"empty\":{}}");
  }

  @Test
  void laysOutOverLines() {
    assertThat(JsonWriter.write(Map.of("a", List.of(1, Map.of())), true))
        .isEqualTo(
            """
            {
              "a": [
                1,
                {}
              ]
            }""");
  }

  @Test
  void escapesWhatMayNotStandInAText() {
    String every = "\"\\/\b\f\n\r\t\u0000\u001f\u007f\u2028<é€😀";

    String json = JsonWriter.write(Map.of("k", every), false);

    assertThat(json)
        .isEqualTo(
            "{\"k\":\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\\u0000\\u001f\\u007f\\u2028\\u003cé€\\ud83d\\ude00\"}");
    assertThat(
            ConfigFactory.parseString(
                    json, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON))
                .getString("k"))
        .isEqualTo(every);
  }

  @Test
  void refusesWhatIsNoValue() {
    assertThatThrownBy(() -> JsonWriter.write(new Object(), false))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
