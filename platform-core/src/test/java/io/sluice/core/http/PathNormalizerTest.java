package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathNormalizerTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/a/b",
        "//",
        "/a//b",
        "/a.b/c..d/e.",
        "/a=b&c,d!e$f'g(h)i*j+k:l@m~n_o-p",
        "/[x]|{y}^`\"<>",
        "/.well-known/acme",
        "/...",
        "/a/..b/.c",
        "/matrix;v=1/x",
        "/a%2Fb%20c",
        "/%E2%82%AC",
        "/%25zz"
      })
  void answersTheSameInstanceWhenThereIsNothingToDo(String path) {
    assertThat(PathNormalizer.normalize(path, true)).isSameAs(path);
  }

  @ParameterizedTest
  @CsvSource({
    "/a/./b, /a/b",
    "/a/../b, /b",
    "/a/b/.., /a/",
    "/a/., /a/",
    "/., /",
    "/./, /",
    "/a/b/../../c, /c",
    "/a/.., /",
    "/a//../b, /a/b",
    "/a/../, /",
    "/%41%7a%2D%5f%7E, /Az-_~",
    "/%e2%82%ac, /%E2%82%AC",
    "/a%2fb, /a%2Fb",
    "/a%3bb, /a%3Bb",
    "/%61/../b, /b",
    "/file%2etxt, /file.txt",
    "/a%25%32%65, /a%252e"
  })
  void spellsPathsOneWay(String path, String normalised) {
    assertThat(PathNormalizer.normalize(path, true)).isEqualTo(normalised);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "a/b",
        "/..",
        "/../a",
        "/a/../../b",
        "/%2e%2e/a",
        "/a/%2E%2E/b",
        "/a/.%2e/b",
        "/a/%2e/b",
        "/a/%2e",
        "/a/..;/b",
        "/a/..;x=1/b",
        "/a/.;/b",
        "/a/;../b",
        "/a/x;..",
        "/a/..%3b/b",
        "/a/..%2fb",
        "/a/b%2f..",
        "/a/x%2F..%2Fy",
        "/a/%2e%2e%2fb",
        "/a%00b",
        "/a%0d%0ab",
        "/a%7Fb",
        "/a\\b",
        "/a/..\\b",
        "/a%5cb",
        "/a%5Cb",
        "/%",
        "/%2",
        "/%g0",
        "/%0g",
        "/a%-1",
        "/a b",
        "/a\tb",
        "/a\u0000b",
        "/a\u007fb",
        "/a\u0080b",
        "/a\u00e9b",
        "/a\uff0eb",
        "/%\uff12f",
        "/a#b",
        "/a?b",
        "/%c0%ae%c0%ae/b",
        "/%C0%AF",
        "/%c1%9c",
        "/%e0%80%ae",
        "/%f0%80%80%af"
      })
  void refusesWhatOthersReadDifferently(String path) {
    assertThat(PathNormalizer.normalize(path, true)).isNull();
  }

  @Test
  void refusesEncodedSlashesWhenTold() {
    assertThat(PathNormalizer.normalize("/a%2Fb", false)).isNull();
    assertThat(PathNormalizer.normalize("/a%2fb", false)).isNull();
    assertThat(PathNormalizer.normalize("/a%2Eb", false)).isEqualTo("/a.b");
  }

  @Test
  void changesNothingTheSecondTime() {
    String alphabet = "/.;%2eEfF5cab";
    java.util.Random random = new java.util.Random(7);
    for (int round = 0; round < 200_000; round++) {
      StringBuilder path = new StringBuilder("/");
      int length = random.nextInt(12);
      for (int i = 0; i < length; i++) {
        path.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String once = PathNormalizer.normalize(path.toString(), true);
      if (once != null && !once.equals(path.toString())) {
        String twice = PathNormalizer.normalize(once, true);
        assertThat(twice).as("%s → %s", path, once).isEqualTo(once);
      }
      if (once != null) {
        assertThat(once).startsWith("/");
        for (String segment : once.split("/|;|%3B|%2F", -1)) {
          assertThat(segment).as("%s → %s", path, once).isNotIn(".", "..");
        }
      }
    }
  }
}
