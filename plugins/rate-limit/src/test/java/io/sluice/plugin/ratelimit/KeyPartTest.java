package io.sluice.plugin.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.plugin.testkit.FakeRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyPartTest {

  @ParameterizedTest
  @CsvSource({
    "client-ip, CLIENT_IP, ''",
    "path, PATH, ''",
    "host, HOST, ''",
    "route, ROUTE, ''",
    "header:X-Api-Key, HEADER, X-Api-Key",
    "cookie:sid, COOKIE, sid"
  })
  void readsEveryKind(String text, KeyPart.Kind kind, String name) {
    assertThat(KeyPart.of(text)).isEqualTo(new KeyPart(kind, name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "ip", "header", "header:", "cookie:", "header:X Y", "query:v", "path:x"})
  void refusesEverythingElse(String text) {
    assertThatThrownBy(() -> KeyPart.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"" + text + "\" is not a key");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sid=1 | 1",
        "a=0; sid=1; sid=2 | 1",
        "xsid=0;sid = 1 | 1",
        "sid= | ''",
        "sid | ''",
        "a=sid=1 | ''",
        ";;; | ''",
        "sid=a=b | a=b"
      })
  void findsTheFirstCookieOfTheName(String cookies, String value) {
    FakeRequest request = FakeRequest.of("GET / HTTP/1.1\nCookie: " + cookies);

    assertThat(KeyPart.cookie(request.headers(), "sid")).isEqualTo(value);
  }
}
