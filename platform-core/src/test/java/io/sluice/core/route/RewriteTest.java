package io.sluice.core.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RewriteTest {

  @Test
  void keepsTheVeryPathWhenThereIsNothingToDo() {
    Route route = Tables.route("{ match { path-prefix = \"/a\" }, upstream = up }");
    TestRequest request = TestRequest.get("a.com", "/a/b");
    assertThat(route.rewrite().path(request, "")).isSameAs(request.path());
    assertThat(route.target(request, "")).isSameAs(request.path());
    assertThat(route.rewrite().host()).isEqualTo(Rewrite.Host.KEEP);
    assertThat(route.rewrite()).hasToString("path kept, host kept");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "strip-prefix = \"/proxy\" | /proxy/x/y | /x/y",
        "strip-prefix = \"/proxy\" | /proxy | /",
        "strip-prefix = \"/proxy\" | /proxy/ | /",
        "strip-prefix = \"/proxy/\" | /proxy/x | /x",
        "strip-prefix = \"/proxy/\" | /proxy | /proxy",
        "strip-prefix = \"/proxy\" | /proxyx/y | /proxyx/y",
        "strip-prefix = \"/proxy\" | /other | /other",
        "strip-prefix = \"/proxy\" | /proxy//x | //x",
        "strip-prefix = \"/a\", prefix = \"/b\" | /a/x | /b/x",
        "strip-prefix = \"/a\", prefix = \"/b/\" | /a/x | /b/x",
        "strip-prefix = \"/a\", prefix = \"/b\" | /a | /b",
        "strip-prefix = \"/a\", prefix = \"/b\" | /c | /c",
        "prefix = \"/b\" | /x | /b/x",
        "prefix = \"/b/\" | /x | /b/x",
        "prefix = \"/b\" | / | /b/",
        "path = \"/fixed\" | /x/y | /fixed",
        "path = \"/all{path}\" | /x/y | /all/x/y",
        "path = \"/{host}/{method}{rest}\" | /x | /a.com/GET/x",
        "path = \"/{{x}}\" | /x | /{x}",
        "regex = \"^/v[0-9]+\", replacement = \"\" | /v12/x | /x",
        "regex = \"/+\", replacement = \"/\" | //a///b | /a/b",
        "regex = \"^/u/([^/]+)/(?P<what>.*)$\", replacement = \"/{what}/{1}\" | /u/joe/pics | /pics/joe",
        "regex = \"(x)(y)?\", replacement = \"[{1}{2}{0}]\" | /xyx | /[xyxy][xx]",
        "regex = \"nothing\", replacement = \"/\" | /xy | /xy",
        "regex = \"^/\", replacement = \"\" | /xy | /xy",
      })
  void rewritesPaths(String rewrite, String path, String expected) {
    Route route = Tables.route("{ rewrite { " + rewrite + " }, upstream = up }");
    TestRequest request = TestRequest.get("a.com", path);
    assertThat(route.rewrite().path(request, "")).isEqualTo(expected);
    assertThat(request.path()).isEqualTo(path);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "path-prefix = \"/old\" | /old/x | /new/x",
        "path-prefix = \"/old\" | /old | /new",
        "path-prefix = \"/old/\" | /old/x | /new/x",
        "path-prefix = [\"/a\", \"/a/b\"] | /a/b/c | /new/b/c",
        "path = \"/old\" | /old | /new",
      })
  void putsAPrefixInPlaceOfTheMatchedPart(String match, String path, String expected) {
    Route route =
        Tables.route("{ match { " + match + " }, rewrite.prefix = \"/new\", upstream = up }");
    assertThat(route.rewrite().path(TestRequest.get("a.com", path), "")).isEqualTo(expected);
  }

  @Test
  void usesTheGroupsOfTheRoutesExpression() {
    Route route =
        Tables.route(
            """
            { match { path-regex = "^/v(?P<n>[0-9]+)(/.*)?" }, rewrite { path = "/api/{n}{2}" }, upstream = up }
            """);
    assertThat(route.rewrite().path(TestRequest.get("a", "/v7/x"), "")).isEqualTo("/api/7/x");
    assertThat(route.rewrite().path(TestRequest.get("a", "/v7"), "")).isEqualTo("/api/7");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "path = \"/index\" | /index | /index-proxied | /index-proxied",
        "path = \"/index\" | /index | / | /",
        "path-prefix = \"/users\" | /users/1 | /api | /api/1",
        "path-prefix = \"/users\" | /users | /api | /api",
        "path-prefix = \"/users\" | /users/ | /api | /api/",
        "path-prefix = \"/users/\" | /users/1 | /api | /api/1",
        "path-prefix = \"/users\" | /users/1 | /api/ | /api/1",
        "path-prefix = \"/users\" | /users/1 | / | /1",
        "path-prefix = \"/\" | /x/y | /api | /api/x/y",
        "path-prefix = [\"/a\", \"/b\"] | /b/x | /api | /api/x",
        "path-regex = \"^/v[0-9]+\" | /v1/x | /api | /api/x",
        "path-regex = \"^/v[0-9]+/.*\" | /v1/x | /api | /api",
        "path-regex = \"/v[0-9]+\" | /a/v1/x | /api | /a/api/x",
        "host = a.com | /x | /api | /api/x",
        "host = a.com | / | /api | /api/",
      })
  void putsTheEndpointsPathInPlaceOfTheMatchedPart(
      String match, String path, String endpointPath, String expected) {
    Route route = Tables.route("{ match { " + match + " }, upstream = up }");
    TestRequest request = TestRequest.get("a.com", path);
    assertThat(route.rewrite().path(request, endpointPath)).isEqualTo(expected);
  }

  @Test
  void putsTheEndpointsPathInFrontOfARewrittenOne() {
    Route route =
        Tables.route(
            "{ match { path-prefix = \"/p\" }, rewrite { strip-prefix = \"/p\" }, upstream = up }");
    TestRequest request = TestRequest.get("a.com", "/p/x");
    assertThat(route.rewrite().path(request, "/api")).isEqualTo("/api/x");
    assertThat(route.rewrite().path(request, "/api/")).isEqualTo("/api/x");
  }

  @Test
  void keepsTheQuery() {
    Route route = Tables.route("{ rewrite { strip-prefix = \"/p\" }, upstream = up }");
    assertThat(route.target(TestRequest.get("a.com", "/p/x?a=%20&b"), "")).isEqualTo("/x?a=%20&b");
    assertThat(route.target(TestRequest.get("a.com", "/p?"), "")).isEqualTo("/?");
  }

  @Test
  void leavesTheServerWideTargetAlone() {
    Route route = Tables.route("{ rewrite { path = \"/x\" }, upstream = up }");
    assertThat(route.target(TestRequest.of("OPTIONS", "a.com", "*"), "/api")).isEqualTo("*");
  }

  @Test
  void refusesAPathOutOfWhichARewriteMakesDotSegments() {
    Route cut = Tables.route("{ rewrite { regex = \"x\", replacement = \"\" }, upstream = up }");
    ProxyError refused =
        catchThrowableOfType(
            ProxyError.class, () -> cut.rewrite().path(TestRequest.get("a.com", "/a/.x./b"), ""));
    assertThat(refused.kind()).isEqualTo(ErrorKind.BAD_REQUEST);
    Route group =
        Tables.route(
            "{ match.path-regex = \"^/f(.*)\", rewrite.path = \"/static/{1}\", upstream = up }");
    assertThat(group.rewrite().path(TestRequest.get("a.com", "/fx"), "")).isEqualTo("/static/x");
    assertThatThrownBy(() -> group.rewrite().path(TestRequest.get("a.com", "/f.."), ""))
        .isInstanceOf(ProxyError.class);
  }

  @Test
  void choosesTheHost() {
    assertThat(host("upstream").host()).isEqualTo(Rewrite.Host.UPSTREAM);
    assertThat(host("keep").host()).isEqualTo(Rewrite.Host.KEEP);
    assertThat(host("api.example.com:8080").host()).isEqualTo(Rewrite.Host.LITERAL);
    assertThat(host("api.example.com:8080").hostText()).isEqualTo("api.example.com:8080");
  }

  private static Rewrite host(String host) {
    return Tables.route("{ rewrite { host = \"" + host + "\" }, upstream = up }").rewrite();
  }
}
