package io.sluice.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShadowsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | path = \"/x\" | true",
        "`` | `` | true",
        "path = \"/x\" | `` | false",
        "path = \"/x\" | path = \"/x\" | true",
        "path = \"/x\" | path-prefix = \"/x\" | false",
        "path-prefix = \"/x\" | path = \"/x\" | true",
        "path-prefix = \"/x\" | path = \"/xy\" | false",
        "path-prefix = \"/x\" | path-prefix = \"/x/\" | true",
        "path-prefix = \"/x/\" | path-prefix = \"/x\" | false",
        "path-prefix = \"/x/\" | path-prefix = \"/x/y\" | true",
        "path-prefix = \"/x\" | path-prefix = \"/x/y/z\" | true",
        "path-prefix = [\"/x\", \"/y\"] | path = [\"/y/1\", \"/x/1\"] | true",
        "path-prefix = [\"/x\", \"/y\"] | path = [\"/y/1\", \"/z/1\"] | false",
        "path-regex = \"^/a\" | path-regex = \"^/a\" | true",
        "path-regex = \"^/a\" | path-regex = \"^/a/b\" | false",
        "path-prefix = \"/a\" | path-regex = \"^/a/b.*\" | true",
        "path-prefix = \"/a\" | path-regex = \"^/a.*\" | false",
        "path-prefix = \"/\" | `` | false",
        "host = a.com | host = a.com | true",
        "host = \"*.com\" | host = a.com | true",
        "host = \"*.com\" | host = \"*.a.com\" | true",
        "host = \"*.a.com\" | host = \"*.com\" | false",
        "host = a.com | host = [a.com, b.com] | false",
        "host = [b.com, a.com] | host = a.com | true",
        "methods = GET | methods = [GET, POST] | false",
        "methods = [GET, POST] | methods = GET | true",
        "methods = [GET, POST] | `` | false",
        "headers { A = \"1\" } | headers { a = \"1\", B = \"2\" } | true",
        "headers { A = \"*\" } | headers { A = \"1\" } | true",
        "headers { A = \"1\" } | headers { A = \"*\" } | false",
        "query { a = [\"1\", \"2\"] } | query { a = \"2\" } | true",
        "query { a = \"2\" } | query { b = \"2\" } | false",
        "client = \"10.0.0.0/8\" | client = \"10.1.0.0/16\" | true",
        "client = \"10.1.0.0/16\" | client = \"10.0.0.0/8\" | false",
        "listener = web | listener = web | true",
        "listener = web | listener = [web, admin] | false",
      })
  void findsRoutesThatAreNeverReached(String first, String second, boolean shadowed) {
    List<String> warnings =
        Tables.of(
                "{ match { %s }, upstream = u }\n{ match { %s }, upstream = u }"
                    .formatted(first, second))
            .warnings();
    if (shadowed) {
      assertThat(warnings)
          .containsExactly(
              "sluice.conf:3: routes[1]: is never reached:"
                  + " routes[0] takes every such request before it");
    } else {
      assertThat(warnings).isEmpty();
    }
  }

  @Test
  void namesTheFirstThatTakesAll() {
    assertThat(
            Tables.of(
                    """
                    { match { path = "/b" }, upstream = u }
                    { match { path-prefix = "/" }, upstream = u }
                    { match { path = "/a" }, upstream = u }
                    { match { path = "/a" }, upstream = u }
                    """)
                .warnings())
        .containsExactly(
            "sluice.conf:4: routes[2]: is never reached:"
                + " routes[1] takes every such request before it",
            "sluice.conf:5: routes[3]: is never reached:"
                + " routes[1] takes every such request before it");
  }
}
