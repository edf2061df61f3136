package io.sluice.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTableTest {

  @Test
  void hasNoRouteForAnythingWithoutRoutes() {
    assertThat(match(Tables.of(""), TestRequest.get("a.com", "/"))).isNull();
  }

  @Test
  void takesEverythingWithoutMatchers() {
    RouteTable table = Tables.of("{ upstream = app }");
    assertThat(match(table, TestRequest.get("a.com", "/x"))).isEqualTo("default");
    assertThat(match(table, TestRequest.get("", "/"))).isEqualTo("default");
    assertThat(match(table, TestRequest.of("OPTIONS", "a.com", "*"))).isEqualTo("default");
  }

  @Test
  void letsTheFirstThatMatchesWin() {
    RouteTable table =
        Tables.of(
            """
            { name = one, match { path-prefix = "/a" }, upstream = x }
            { name = two, match { host = "a.com", path = "/a/b" }, upstream = x }
            { name = three, match { host = "a.com" }, upstream = x }
            { name = four, upstream = x }
            """);
    assertThat(match(table, TestRequest.get("a.com", "/a/b"))).isEqualTo("one");
    assertThat(match(table, TestRequest.get("a.com", "/b"))).isEqualTo("three");
    assertThat(match(table, TestRequest.get("b.com", "/b"))).isEqualTo("four");
    assertThat(match(table, TestRequest.get("b.com", "/a"))).isEqualTo("one");
  }

  @ParameterizedTest
  @CsvSource({
    "/users, /users, true",
    "/users, /users/, true",
    "/users, /users/1, true",
    "/users, /users//, true",
    "/users, /usersX, false",
    "/users, /users%2F1, false",
    "/users, /Users, false",
    "/users, /user, false",
    "/users, /x/users, false",
    "/users/, /users, false",
    "/users/, /users/, true",
    "/users/, /users/1/2, true",
    "/, /, true",
    "/, /x/y, true",
    "/, *, false",
    "/a//b, /a//b/c, true",
    "/a//b, /a/b, false",
    "//, //x, true",
    "//, /x, false",
    "/%7euser, /~user/x, true",
    "/a b, /a%20b, true",
    "/café, /caf%C3%A9/x, true",
  })
  void matchesPrefixesByWholeSegments(String prefix, String path, boolean matches) {
    RouteTable table = Tables.of("{ match { path-prefix = \"" + prefix + "\" }, upstream = x }");
    assertThat(match(table, TestRequest.get("a.com", path)) != null).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "/index, /index, true",
    "/index, /index/, false",
    "/index, /index/x, false",
    "/index/, /index, false",
    "/index/, /index/, true",
    "/, /, true",
    "/, //, false",
    "/a/./b/../c, /a/c, true",
  })
  void matchesPathsExactly(String path, String requested, boolean matches) {
    RouteTable table = Tables.of("{ match { path = \"" + path + "\" }, upstream = x }");
    assertThat(match(table, TestRequest.get("a.com", requested)) != null).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "^/v(?P<n>[0-9]+)/.*, /v12/x, true",
    "^/v(?P<n>[0-9]+)/.*, /vx/x, false",
    "^/api/v[0-9]$, /api/v1, true",
    "^/api/v[0-9]$, /api/v1/, false",
    "^/api/?v, /apiv, true",
    "^/api/*v, /api//v, true",
    "\\.php$, /a/b.php, true",
    "\\.php$, /a/b.phps, false",
    "^/a|/b$, /x/b, true",
    "(?i)^/admin, /ADMIN/x, true",
    "^/x+y, /xxy, true",
  })
  void searchesPathsForExpressions(String regex, String path, boolean matches) {
    String text = "{ match { path-regex = \"\"\"" + regex + "\"\"\" }, upstream = x }";
    assertThat(match(Tables.of(text), TestRequest.get("a.com", path)) != null).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, example.com, true",
    "EXAMPLE.com, example.com, true",
    "example.com, example.com., true",
    "example.com., example.com, true",
    "example.com, a.example.com, false",
    "*.example.com, example.com, false",
    "*.example.com, a.example.com, true",
    "*.example.com, a.b.example.com, true",
    "*.example.com, a.b.example.com., true",
    "*.example.com, aexample.com, false",
    "*.example.com, .example.com, false",
    "*, anything, true",
    "[2001:db8::1], [2001:db8::1], true",
    "bücher.example, xn--bcher-kva.example, true",
    "my_service, my_service, true",
  })
  void matchesHosts(String host, String requested, boolean matches) {
    RouteTable table = Tables.of("{ match { host = \"" + host + "\" }, upstream = x }");
    assertThat(match(table, TestRequest.get(requested, "/")) != null).isEqualTo(matches);
  }

  @Test
  void takesAnyOfSeveralValues() {
    RouteTable table =
        Tables.of(
            """
            { match { host = [a.com, "*.b.com"], path-prefix = ["/x", "/y/"], methods = [GET, PUT]
                      headers { X-A = ["1", "2"] }, query { q = [s, t] } }, upstream = up }
            """);
    assertThat(match(table, full("GET", "a.com", "/x/1?q=s", "1"))).isNotNull();
    assertThat(match(table, full("PUT", "w.b.com", "/y/1?p=0&q=t", "2"))).isNotNull();
    assertThat(match(table, full("POST", "a.com", "/x/1?q=s", "1"))).isNull();
    assertThat(match(table, full("GET", "c.com", "/x/1?q=s", "1"))).isNull();
    assertThat(match(table, full("GET", "a.com", "/y?q=s", "1"))).isNull();
    assertThat(match(table, full("GET", "a.com", "/x?q=u", "1"))).isNull();
    assertThat(match(table, full("GET", "a.com", "/x?q=s", "3"))).isNull();
  }

  @Test
  void comparesHeadersWholeAndAnyLine() {
    RouteTable table =
        Tables.of("{ match { headers { x-canary = yes, X-Any = \"*\" } }, upstream = up }");
    assertThat(match(table, headers("yes", "anything"))).isNotNull();
    assertThat(match(table, headers("Yes", "anything"))).isNull();
    assertThat(match(table, headers("yes, no", "anything"))).isNull();
    assertThat(match(table, headers("yes", "").header("X-Canary", "no"))).isNotNull();
    assertThat(match(table, headers("no", "").header("X-CANARY", "yes"))).isNotNull();
    assertThat(match(table, TestRequest.get("a.com", "/").header("X-Canary", "yes"))).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v=2 | true",
        "v=1 | false",
        "v=22 | false",
        "xv=2 | false",
        "a=b&v=2&c | true",
        "v=1&v=2 | true",
        "%76=%32 | true",
        "v=2%20 | false",
        "v | false",
        "V=2 | false",
        "=2 | false",
        "v%=2 | false",
      })
  void comparesDecodedQueryParameters(String query, boolean matches) {
    RouteTable table = Tables.of("{ match { query { v = 2 } }, upstream = up }");
    TestRequest request = TestRequest.get("a.com", "/?" + query);
    assertThat(match(table, request) != null).isEqualTo(matches);
    assertThat(match(table, TestRequest.get("a.com", "/"))).isNull();
  }

  @Test
  void decodesQueryParametersFully() {
    RouteTable table =
        Tables.of(
            """
            { name = umlaut, match { query { "ü b" = "ä&=%" } }, upstream = up }
            { name = any, match { query { flag = "*" } }, upstream = up }
            """);
    assertThat(match(table, TestRequest.get("a.com", "/?%C3%BC+b=%c3%a4%26=%25")))
        .isEqualTo("umlaut");
    assertThat(match(table, TestRequest.get("a.com", "/?%C3%BC%20b=%c3%a4%26%3D%")))
        .isEqualTo("umlaut");
    assertThat(match(table, TestRequest.get("a.com", "/?%C3%BC+b=%c3%a4%26%3D%2"))).isNull();
    assertThat(match(table, TestRequest.get("a.com", "/?flag"))).isEqualTo("any");
    assertThat(match(table, TestRequest.get("a.com", "/?x&flag=7"))).isEqualTo("any");
    assertThat(match(table, TestRequest.get("a.com", "/?flags"))).isNull();
  }

  @Test
  void asksForClientAndListener() {
    RouteTable table =
        Tables.of(
            """
            { name = inside, match { client = ["10.0.0.0/8", "::1"] }, upstream = up }
            { name = admin, match { listener = [admin, ops] }, upstream = up }
            """);
    assertThat(match(table, TestRequest.get("a", "/").from("10.1.1.1"))).isEqualTo("inside");
    assertThat(match(table, TestRequest.get("a", "/").from("::1"))).isEqualTo("inside");
    assertThat(match(table, TestRequest.get("a", "/").from("11.1.1.1"))).isNull();
    assertThat(match(table, TestRequest.get("a", "/").from(null).at("ops"))).isEqualTo("admin");
  }

  @Test
  void goesOnBehindCandidatesThatFailTheirOtherConditions() {
    RouteTable table =
        Tables.of(
            """
            { name = post, match { host = "a.com", path = "/x", methods = POST }, upstream = up }
            { name = regex, match { path-regex = "^/x$", methods = [PUT] }, upstream = up }
            { name = wild, match { host = "*.com", path-prefix = "/x", methods = [GET] }, upstream = up }
            { name = rest, upstream = up }
            """);
    assertThat(match(table, TestRequest.of("POST", "a.com", "/x"))).isEqualTo("post");
    assertThat(match(table, TestRequest.of("PUT", "a.com", "/x"))).isEqualTo("regex");
    assertThat(match(table, TestRequest.of("GET", "a.com", "/x"))).isEqualTo("wild");
    assertThat(match(table, TestRequest.of("PATCH", "a.com", "/x"))).isEqualTo("rest");
  }

  @Test
  void explainsWhyNotTheRoutesBefore() {
    RouteTable table =
        Tables.of(
            """
            { name = h, match { host = ["b.com", "*.b.com"] }, upstream = up }
            { name = p, match { path-prefix = "/p" }, upstream = up }
            { name = m, match { methods = [POST] }, upstream = up }
            { name = e, match { headers { X-E = "1" } }, upstream = up }
            { name = f, match { headers { X-F = "*" } }, upstream = up }
            { name = q, match { query { a = "1" } }, upstream = up }
            { name = r, match { query { b = "1" } }, upstream = up }
            { name = c, match { client = "10.0.0.0/8" }, upstream = up }
            { name = l, match { listener = other }, upstream = up }
            { name = found, match { path-regex = "x" }, upstream = up }
            { name = never, upstream = up }
            """);
    TestRequest request = TestRequest.get("a.com", "/x?b=2").header("X-E", "2").from("192.0.2.1");
    RouteTable.Explanation explanation = table.explain(request, request);
    assertThat(explanation.route()).hasToString("found");
    assertThat(explanation.skipped())
        .extracting(skipped -> skipped.route() + ": " + skipped.reason())
        .containsExactly(
            "h: host is a.com, not one of b.com, *.b.com",
            "p: path is /x, not /p[/*]",
            "m: method is GET, not POST",
            "e: header X-E is not 1",
            "f: header X-F is absent",
            "q: query parameter a is absent",
            "r: query parameter b is not 1",
            "c: client is 192.0.2.1, not in 10.0.0.0/8",
            "l: listener is web, not other");
  }

  @Test
  void explainsThatNothingMatches() {
    RouteTable table = Tables.of("{ match { client = \"10.0.0.0/8\" }, upstream = up }");
    TestRequest request = TestRequest.get("a.com", "/");
    RouteTable.Explanation explanation = table.explain(request, request);
    assertThat(explanation.route()).isNull();
    assertThat(explanation.skipped().get(0).reason())
        .isEqualTo("client is without an address, not in 10.0.0.0/8");
  }

  private static TestRequest full(String method, String host, String target, String header) {
    return TestRequest.of(method, host, target).header("X-A", header);
  }

  private static TestRequest headers(String canary, String any) {
    return TestRequest.get("a.com", "/").header("X-Canary", canary).header("x-any", any);
  }

  static @Nullable String match(RouteTable table, TestRequest request) {
    Route route = table.match(request, request);
    assertThat(table.explain(request, request).route()).as("%s", request).isSameAs(route);
    return route == null ? null : route.name();
  }
}
