package io.sluice.plugin.consistenthash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.plugin.testkit.FakePick;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HashKeyTest {

  private static final String REQUEST =
      """
      GET /users/7?a=1&user=ann&user=bob&empty=&flag HTTP/1.1
      Host: a.example
      X-User: ann
      X-User: bob
      X-Empty:
      Cookie: theme=dark; id=ann ; id=bob; none=; =x; idx=1
      Cookie: late=ann\
      """;

  @ParameterizedTest
  @CsvSource({
    "client-ip, 203.0.113.7",
    "path, /users/7",
    "header:X-User, ann",
    "header:x-user, ann",
    "cookie:theme, dark",
    "cookie:id, ann",
    "cookie:idx, 1",
    "cookie:late, ann",
    "query:a, 1",
    "query:user, ann",
  })
  void hashesTheValueAsItStands(String key, String value) {
    assertThat(hash(key)).isEqualTo(XxHash64.hash(value, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "header:X-None",
        "header:X-Empty",
        "cookie:none",
        "cookie:Theme",
        "cookie:x",
        "query:empty",
        "query:flag",
        "query:none",
        "query:ser"
      })
  void hasNoKeyWhereThereIsNoValue(String key) {
    assertThat(hash(key)).isEqualTo(HashKey.ABSENT);
  }

  @Test
  void findsNothingButTheAddressOnAConnectionWithoutRequest() {
    assertThat(HashKey.of("path").hash(FakePick.first())).isEqualTo(HashKey.ABSENT);
    assertThat(HashKey.of("client-ip").hash(FakePick.first())).isNotEqualTo(HashKey.ABSENT);
    assertThat(HashKey.of("client-ip").hash(FakePick.from(""))).isEqualTo(HashKey.ABSENT);
  }

  @Test
  void findsNothingInARequestWithoutQueryOrCookies() {
    FakePick plain = FakePick.of("GET / HTTP/1.1\nHost: a.example");

    assertThat(HashKey.of("query:a").hash(plain)).isEqualTo(HashKey.ABSENT);
    assertThat(HashKey.of("cookie:a").hash(plain)).isEqualTo(HashKey.ABSENT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ip",
        "host",
        "path:x",
        "client-ip:x",
        "header",
        "header:",
        "header:a b",
        "cookie:",
        "cookie:a;b",
        "query:",
        "query:a&b",
        "query:a b"
      })
  void refusesWhatIsNoKey(String text) {
    assertThatThrownBy(() -> HashKey.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"" + text + "\" is not a key");
  }

  private static long hash(String key) {
    return HashKey.of(key).hash(FakePick.of(REQUEST));
  }
}
