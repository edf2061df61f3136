package io.sluice.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** The index against a scan that knows nothing of it, over random tables and requests. */
class RouteTablePropertyTest {

  private static final List<String> HOSTS =
      List.of("a.com", "b.com", "x.a.com", "y.x.a.com", "com");
  private static final List<String> HOST_PATTERNS =
      List.of("a.com", "b.com", "x.a.com", "*.a.com", "*.com", "*.x.a.com", "*");
  private static final List<String> SEGMENTS = List.of("a", "b", "ab", "", "c");
  private static final List<String> REGEXES =
      List.of("^/a/b", "^/a/b?", "b$", "^/a/a|c", "^/(a|b)/", "^/b/.*b$", "^/", "c");
  private static final List<String> METHODS = List.of("GET", "POST", "PUT");

  /** A route as the test sees it. */
  private record Naive(
      List<String> hosts,
      String pathKind,
      List<String> paths,
      List<String> methods,
      String header) {

    boolean takes(TestRequest request) {
      return (hosts.isEmpty() || hosts.stream().anyMatch(host -> hostMatches(host, request.host())))
          && (paths.isEmpty() || paths.stream().anyMatch(path -> pathMatches(path, request.path())))
          && (methods.isEmpty() || methods.contains(request.method()))
          && (header.isEmpty() || header.equals(request.headers().get("X-H")));
    }

    private static boolean hostMatches(String pattern, String host) {
      if (pattern.equals("*")) {
        return true;
      }
      String regex = pattern.replace(".", "\\.").replace("*", "[^.]+(\\.[^.]+)*");
      return host.matches(regex);
    }

    private boolean pathMatches(String pattern, String path) {
      return switch (pathKind) {
        case "path" -> path.equals(pattern);
        case "path-prefix" ->
            pattern.endsWith("/")
                ? path.startsWith(pattern)
                : (path + "/").startsWith(pattern + "/");
        default -> java.util.regex.Pattern.compile(pattern).matcher(path).find();
      };
    }

    String config() {
      StringBuilder match = new StringBuilder();
      append(match, "host", hosts);
      append(match, pathKind, paths);
      append(match, "methods", methods);
      if (!header.isEmpty()) {
        match.append("headers { X-H = \"").append(header).append("\" }\n");
      }
      return "{ match {\n" + match + "}, upstream = up }\n";
    }

    private static void append(StringBuilder match, String key, List<String> values) {
      if (!values.isEmpty()) {
        match.append(
            values.stream()
                .map(value -> "\"\"\"" + value + "\"\"\"")
                .collect(Collectors.joining(", ", key + " = [", "]\n")));
      }
    }
  }

  @RepeatedTest(60)
  void answersWhatAScanAnswers(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<Naive> routes = new ArrayList<>();
    int count = 1 + random.nextInt(40);
    for (int i = 0; i < count; i++) {
      routes.add(route(random));
    }
    RouteTable table = Tables.of(routes.stream().map(Naive::config).collect(Collectors.joining()));
    List<String> warnings = table.warnings();
    for (int i = 0; i < 400; i++) {
      TestRequest request = request(random);
      int expected = -1;
      for (int r = 0; r < routes.size() && expected < 0; r++) {
        expected = routes.get(r).takes(request) ? r : -1;
      }
      Route found = table.match(request, request);
      assertThat(found == null ? -1 : found.index()).as("%s", request).isEqualTo(expected);
      Route explained = table.explain(request, request).route();
      assertThat(explained).isSameAs(found);
      if (found != null) {
        assertThat(warnings).noneMatch(line -> line.contains("routes[" + found.index() + "]: is"));
      }
    }
  }

  private static Naive route(Random random) {
    String kind = List.of("path", "path-prefix", "path-regex").get(random.nextInt(3));
    List<String> paths = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      paths.add(
          kind.equals("path-regex") ? REGEXES.get(random.nextInt(REGEXES.size())) : path(random));
    }
    return new Naive(
        some(random, HOST_PATTERNS),
        kind,
        paths,
        some(random, METHODS),
        random.nextInt(4) == 0 ? "yes" : "");
  }

  private static List<String> some(Random random, List<String> values) {
    return random.ints(random.nextInt(3), 0, values.size()).mapToObj(values::get).toList();
  }

  private static TestRequest request(Random random) {
    TestRequest request =
        TestRequest.of(
            METHODS.get(random.nextInt(METHODS.size())),
            HOSTS.get(random.nextInt(HOSTS.size())),
            path(random));
    return random.nextBoolean() ? request : request.header("X-H", "yes");
  }

  private static String path(Random random) {
    StringBuilder path = new StringBuilder();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      path.append('/').append(SEGMENTS.get(random.nextInt(SEGMENTS.size())));
    }
    return path.toString();
  }
}
