package io.sluice.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RenderingTest {

  @Test
  void blocksThatSayTheSameHaveOneCanonicalForm() {
    String one = Loaded.of("a = 5\nb { c = x, d = [1, 2] }").root().canonical();
    String other = Loaded.of("b.d = [\"1\", 2] // two\nb.c = \"x\"\na = \"5\"").root().canonical();
    assertThat(one)
        .isEqualTo(other)
        .isEqualTo("{\"a\":\"5\",\"b\":{\"c\":\"x\",\"d\":[\"1\",\"2\",],},}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a = 6", "a = 5, b = 1", "a = [5]", "a { b = 5 }", "a = \"5,\"", "b = 5"})
  void blocksThatSayOtherThingsDiffer(String text) {
    assertThat(Loaded.of(text).root().canonical())
        .isNotEqualTo(Loaded.of("a = 5").root().canonical());
  }

  @Test
  void theOrderOfAListCounts() {
    assertThat(Loaded.of("a = [1, 2]").root().canonical())
        .isNotEqualTo(Loaded.of("a = [2, 1]").root().canonical());
  }

  @Test
  void showsJsonInTheOrderOfTheFile() {
    String text = "z = 5, a = [on, true, 1.50, \"x\\\"\\n\"], b { \"c.d\" = 007 }";
    assertThat(Loaded.of(text).root().effective())
        .isEqualTo("{\"z\":5,\"a\":[\"on\",true,1.50,\"x\\\"\\u000a\"],\"b\":{\"c.d\":\"007\"}}");
  }

  @Test
  void masksSecretsByTheirKey() {
    String text =
        "token = t1, admin-password = t2, apiKey = t3, secrets { a = t4, b = [t5, { c = 6 }] }\n"
            + "set { Authorization = t7, \"X-Api-Key\" = t8, Set-Cookie = t9 }";
    assertThat(Loaded.of(text).root().effective())
        .doesNotContainPattern("t[0-9]|6")
        .contains("***");
  }

  @Test
  void masksSecretsByTheirContent() {
    String text =
        "a = \"redis://me:t1@example.com:1\", b = \"-----BEGIN PRIVATE KEY-----t2\", c = ${MY_SECRET}";
    assertThat(Loaded.of(text, Map.of("MY_SECRET", "t3")).root().effective())
        .isEqualTo("{\"a\":\"redis://***@example.com:1\",\"b\":\"***\",\"c\":\"***\"}");
  }

  @Test
  void aBlockBelowASecretKeyIsSecret() {
    LocatedSection root = Loaded.of("credentials { alice = t1 }").root();
    LocatedSection credentials = LocatedSection.of(root.section("credentials").required());
    assertThat(credentials.effective()).isEqualTo("{\"alice\":\"***\"}");
  }

  @ParameterizedTest
  @CsvSource({
    "token, true",
    "admin-token, true",
    "password, true",
    "clientSecret, true",
    "api-key, true",
    "private-key, true",
    "passphrase, true",
    "Authorization, true",
    "key, false",
    "keys, false",
    "token-endpoint, false",
    "password-file, false",
    "cookie-name, false",
    "certificate, false",
    "hockey, false"
  })
  void knowsSecretsByTheirName(String key, boolean secret) {
    assertThat(Secrets.isSecret(key)).isEqualTo(secret);
  }

  @Test
  void quotesValuesShortAndOnOneLine() {
    assertThat(Secrets.shown("a\nb")).isEqualTo("\"a?b\"");
    assertThat(Secrets.shown("x".repeat(100))).isEqualTo('"' + "x".repeat(60) + "…\"");
  }
}
