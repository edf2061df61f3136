package io.sluice.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.config.ConfigSection;
import io.sluice.core.config.ConfigLoader;
import io.sluice.core.config.Element;
import io.sluice.core.config.KeyDoc;
import io.sluice.core.config.KeyRecorder;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.config.Problems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteConfigTest {

  private static final String EVERYTHING =
      """
      { name = users
        match { host = "users.com", path-prefix = "/proxy/", methods = [GET, POST]
                headers { X-Canary = "yes" }, query { v = "2" }, client = ["10.0.0.0/8"], listener = web }
        rewrite { strip-prefix = "/proxy", host = keep }
        middleware = [ cors, limit, { type = headers } ]
        cache = main
        timeouts { request = off, first-byte = 20s, idle = 50s }
        retry { attempts = 1 }
        upstream = users }
      { match { path = "/index" }, upstream = index }
      { match { path-regex = \"""^/v(?P<n>[0-9]+)/.*\""" }, upstream = [ { name = a, weight = 95 }, { name = b, weight = 5 } ] }
      { match { path = "/old" }, redirect { to = "https://{host}/new", status = 308 } }
      { match { path = "/ping" }, respond { status = 200, body = "pong", content-type = "text/plain" } }
      { match { host = "*.example.com" }, upstream = app, mirror { upstream = shadow, share = 1% } }
      """;

  @Test
  void readsEveryKey() {
    Problems problems = new Problems();
    List<RouteConfig> routes = decode(EVERYTHING, problems);
    routes.stream()
        .flatMap(route -> route.middleware().stream())
        .filter(Element::isSection)
        .forEach(element -> element.section().ignoreUnread());
    RouteConfig users = routes.get(0);
    assertThat(users.name()).isEqualTo("users");
    assertThat(users.middleware()).hasSize(3);
    assertThat(users.middleware().get(0).text()).isEqualTo("cors");
    assertThat(users.cache()).isEqualTo("main");
    assertThat(users.timeouts())
        .isEqualTo(
            new RouteTimeouts(
                ConfigSection.OFF, Duration.ofSeconds(20), Duration.ofSeconds(50), null));
    assertThat(users.retry()).isNotNull();
    assertThat(users.rewrite()).hasToString("/proxy[/*] stripped, host kept");
    assertThat(users.destination()).hasToString("upstream users");
    assertThat(routes)
        .extracting(RouteConfig::name)
        .containsExactly(
            "users", "/index", "~^/v(?P<n>[0-9]+)/.*", "/old", "/ping", "*.example.com");
    assertThat(problems.render()).isEmpty();
  }

  @Test
  void saysWhatItDoesNotUnderstandOfClientCertificates() {
    Problems problems = new Problems();
    decode(
        """
        { match { client-cert = some }, respond.body = a }
        { match { client-cert {} }, respond.body = a }
        { match { client-cert { subject = "alice", san = "a*b", fingerprint = "12" } }, respond.body = a }
        { match { client-cert { common-name = [], issuer = "CN=a", sam = b } }, respond.body = a }
        { match { client-cert { san = ["ip:x"] } }, respond.body = a }
        """,
        problems);
    assertThat(problems.render())
        .anyMatch(line -> line.contains("says not what to look for (expected: any, none or"))
        .anyMatch(line -> line.contains("asks for nothing"))
        .anyMatch(line -> line.contains("\"alice\" is no distinguished name"))
        .anyMatch(line -> line.contains("\"a*b\" has a * elsewhere"))
        .anyMatch(line -> line.contains("\"12\" is no SHA-256 fingerprint"))
        .anyMatch(line -> line.contains("is empty, which would match nothing"))
        .anyMatch(line -> line.contains("\"x\" is no address"));
  }

  @Test
  void hasDefaults() {
    RouteConfig route = Tables.configs("{ upstream = app }").get(0);
    assertThat(route.timeouts())
        .isEqualTo(
            new RouteTimeouts(
                ConfigSection.OFF, Duration.ofSeconds(30), Duration.ofSeconds(60), null));
    assertThat(route.middleware()).isEmpty();
    assertThat(route.cache()).isNull();
    assertThat(route.retry()).isNull();
    assertThat(route.mirror()).isNull();
    assertThat(Tables.configs("{ upstream = app, cache = off }").get(0).cache()).isNull();
  }

  @Test
  void namesRoutesByWhatTheyAsk() {
    List<RouteConfig> routes =
        Tables.configs(
            """
            { match { methods = [GET, HEAD], host = "a.com", path-prefix = "/x" }, upstream = u }
            { match { path-prefix = ["/x/", "/y"] }, upstream = u }
            { match { methods = PUT }, upstream = u }
            { match { headers { X-A = b } }, upstream = u }
            { upstream = u }
            { upstream = u }
            { name = "default#2", upstream = u }
            """);
    assertThat(routes)
        .extracting(RouteConfig::name)
        .containsExactly(
            "GET,HEAD a.com/x/*", "/x/*", "PUT", "default", "default#3", "default#4", "default#2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | routes[0]: the route leads nowhere (expected: exactly one of upstream, redirect, respond)",
        "{ upstream = a, respond {} } | routes[0]: the route leads to several places (expected: exactly one of upstream, redirect, respond)",
        "{ upstream = [] } | routes[0].upstream: is empty (expected: at least one upstream)",
        "{ upstream = [ { name = a, weight = 0 } ] } | routes[0].upstream: has no weight above 0 (expected: a weight from 1 up)",
        "{ upstream = [ a, a ] } | routes[0].upstream[1]: upstream \"a\" is in the list twice (expected: each once)",
        "{ upstream = [ [ a ] ] } | routes[0].upstream[0]: is a list in a list (expected: a name, or { name, weight })",
        "{ upstream = a, mtach {} } | routes[0].mtach: unknown key (did you mean \"match\"?)",
        "{ upstream = a, match { hots = b } } | routes[0].match.hots: unknown key (did you mean \"host\"?)",
        "{ upstream = a, match { host = [] } } | routes[0].match.host: is empty, which would match nothing (expected: host names, or *. and a host name)",
        "{ upstream = a, match { host = \"a:80\" } } | routes[0].match.host: \"a:80\" has a port, which host matching ignores (expected: host names, or *. and a host name)",
        "{ upstream = a, match { host = \"a.*\" } } | routes[0].match.host: \"a.*\" is not a host name (expected: host names, or *. and a host name)",
        "{ upstream = a, match { host = \"a b\" } } | routes[0].match.host: \"a b\" is not a host name (expected: host names, or *. and a host name)",
        "{ upstream = a, match { headers { A = [] } } } | routes[0].match.headers.A: is empty, which would match nothing (expected: at least one value)",
        "{ upstream = a, match { path = x } } | routes[0].match.path: \"x\" is not a path that a request can have (expected: paths that begin with a slash)",
        "{ upstream = a, match { path-prefix = \"/a?b\" } } | routes[0].match.path-prefix: \"/a?b\" is not a path that a request can have (expected: paths that begin with a slash)",
        "{ upstream = a, match { path-regex = \"(\" } } | routes[0].match.path-regex: \"(\" is not a regular expression: missing closing ) (expected: RE2 syntax)",
        "{ upstream = a, match { path = \"/a\", path-prefix = \"/a\" } } | routes[0].match: asks for the path in more than one way (expected: one of path, path-prefix, path-regex)",
        "{ upstream = a, match { methods = get } } | routes[0].match.methods: \"get\" is not a method; methods are upper case (expected: methods such as GET)",
        "{ upstream = a, match { client = localhost } } | routes[0].match.client: \"localhost\" is not an address or a CIDR block (expected: CIDR blocks)",
        "{ upstream = a, match { headers { \"a b\" = c } } } | routes[0].match.headers.\"a b\": is not a header name",
        "{ upstream = a, rewrite { path = \"/a\", strip-prefix = \"/b\" } } | routes[0].rewrite: rewrites the path in more than one way (expected: one of path, regex with replacement, or strip-prefix and prefix)",
        "{ upstream = a, rewrite { regex = a } } | routes[0].rewrite.regex: has no replacement (expected: replacement as well)",
        "{ upstream = a, rewrite { replacement = a } } | routes[0].rewrite.replacement: has no regex whose matches it replaces (expected: regex as well)",
        "{ upstream = a, rewrite { regex = \"(a)\", replacement = \"$1\" } } | routes[0].rewrite.replacement: \"$1\" has a group in another notation (expected: {1})",
        "{ upstream = a, rewrite { regex = \"(a)\", replacement = \"{2}\" } } | routes[0].rewrite.replacement: unknown variable \"2\" (expected: one of scheme, host, method, path, rest)",
        "{ upstream = a, rewrite { path = \"/{quert}\" } } | routes[0].rewrite.path: unknown variable \"quert\" (expected: one of scheme, host, method, path, rest)",
        "{ upstream = a, rewrite { path = \"/a/../b\" } } | routes[0].rewrite.path: does not make a normal path (expected: no escapes or dot segments to resolve)",
        "{ upstream = a, rewrite { host = \"a/b\" } } | routes[0].rewrite.host: \"a/b\" is not accepted (expected: keep, upstream, or a host with an optional port)",
        "{ redirect { to = \"{hots}\" } } | routes[0].redirect.to: unknown variable \"hots\" (did you mean \"host\"?)",
        "{ redirect { to = \"/{a\" } } | routes[0].redirect.to: has a brace without its partner (expected: text with {variables})",
        "{ redirect { to = \"/a}\" } } | routes[0].redirect.to: has a brace without its partner (expected: text with {variables})",
        "{ redirect { to = \"/a\\r\\nb\" } } | routes[0].redirect.to: has white space, a control or non-ASCII char; write it escaped (expected: text with {variables})",
        "{ redirect { to = \"/{1}\" } } | routes[0].redirect.to: unknown variable \"1\" (expected: one of scheme, host, authority, method, path, query, uri, rest)",
        "{ redirect { to = \"/a\", status = 304 } } | routes[0].redirect.status: \"304\" is not accepted (expected: 301, 302, 303, 307 or 308)",
        "{ redirect { } } | routes[0].redirect.to: is missing (expected: a URL or a path)",
        "{ redirect { to = \"/\" }, cache = main } | routes[0].cache: has no effect in a route without an upstream",
        "{ respond { status = 204, body = x } } | routes[0].respond.body: cannot be sent with status 204 (expected: no body)",
        "{ respond { headers { Content-Length = 3 } } } | routes[0].respond.headers.Content-Length: is set by the proxy itself (expected: another header)",
        "{ respond { headers { X = \"a\\nb\" } } } | routes[0].respond.headers.X: has a control or non-ASCII char (expected: printable ASCII)",
        "{ upstream = a, mirror { share = 1% } } | routes[0].mirror.upstream: is missing (expected: a text)",
      })
  void locatesProblems(String route, String problem) {
    assertThat(Tables.problems(route)).containsExactly("sluice.conf:2: " + problem);
  }

  @Test
  void knowsTheUpstreamThatIsMisspelt() {
    assertThat(Tables.problems("{ upstraem = a }"))
        .containsExactly(
            "sluice.conf:2: routes[0]: the route leads nowhere"
                + " (expected: exactly one of upstream, redirect, respond)",
            "sluice.conf:2: routes[0].upstraem: unknown key (did you mean \"upstream\"?)");
  }

  @Test
  void reportsNamesThatAreThereTwice() {
    assertThat(
            Tables.problems(
                """
                { name = a, upstream = u }
                { name = b, upstream = u }
                { name = a, upstream = u }
                """))
        .containsExactly(
            "sluice.conf:4: routes[2].name: \"a\" is the name of routes[0] already"
                + " (expected: a name of its own)");
  }

  @Test
  void reportsUnknownNames() {
    Problems problems = new Problems();
    List<RouteConfig> routes =
        decode(
            """
            { upstream = usres }
            { upstream = [ users, { name = ap } ], mirror { upstream = shadwo } }
            { upstream = users, cache = man, match { listener = [web, wbe] } }
            { upstream = { weight = 2 } }
            """,
            problems);
    List<String> upstreams = List.of("users", "app", "shadow");
    routes.forEach(route -> route.checkNames(upstreams, List.of("main"), List.of("web")));
    assertThat(problems.render())
        .containsExactly(
            "sluice.conf:2: routes[0].upstream: unknown upstream \"usres\" (did you mean \"users\"?)",
            "sluice.conf:3: routes[1].upstream[1]: unknown upstream \"ap\" (did you mean \"app\"?)",
            "sluice.conf:3: routes[1].mirror.upstream: unknown upstream \"shadwo\""
                + " (did you mean \"shadow\"?)",
            "sluice.conf:4: routes[2].cache: unknown cache \"man\" (did you mean \"main\"?)",
            "sluice.conf:4: routes[2].match.listener: unknown listener \"wbe\""
                + " (did you mean \"web\"?)",
            "sluice.conf:5: routes[3].upstream.name: is missing (expected: a text)");
  }

  @Test
  void describesEveryKey() {
    List<KeyDoc> keys =
        KeyRecorder.record(section -> RouteConfig.decodeAll(LocatedSection.of(section)));
    assertThat(keys).extracting(KeyDoc::meaning).doesNotContain("");
    assertThat(keys)
        .extracting(KeyDoc::path)
        .contains(
            "routes[].name",
            "routes[].match.host",
            "routes[].match.path-regex",
            "routes[].match.headers",
            "routes[].rewrite.strip-prefix",
            "routes[].redirect.to",
            "routes[].respond.body",
            "routes[].upstream[].weight",
            "routes[].mirror.share",
            "routes[].timeouts.first-byte",
            "routes[].retry");
  }

  private static List<RouteConfig> decode(String text, Problems problems) {
    LocatedSection root =
        ConfigLoader.parse(
            Path.of("sluice.conf"), "routes = [\n" + text + "\n]", Map.of(), problems);
    assertThat(root).isNotNull();
    return RouteConfig.decodeAll(root);
  }
}
