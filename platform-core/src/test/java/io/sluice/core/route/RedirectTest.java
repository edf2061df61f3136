package io.sluice.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedirectTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://{host}/new | /x | https://a.com/new",
        "https://{host}{path} | /x/y?a=b | https://a.com/x/y",
        "https://{authority}{uri} | /x/y?a=b | https://a.com:8443/x/y?a=b",
        "{scheme}://b.com{uri} | /x/y | https://b.com/x/y",
        "/new?from={path}&{query} | /x?a=b | /new?from=/x&a=b",
        "/new?{query} | /x | /new?",
        "/{method}{{}} | /x | /GET{}",
        "{path} | //evil.com/x | /evil.com/x",
        "/{path} | /evil.com/x | /evil.com/x",
        "//cdn.example{path} | /x | //cdn.example/x",
      })
  void fillsItsTemplate(String to, String target, String location) {
    Redirect redirect = redirect("{ redirect { to = \"" + to + "\" } }");
    assertThat(redirect.location(TestRequest.get("a.com", target))).isEqualTo(location);
    assertThat(redirect.status()).isEqualTo(302);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "path-prefix = \"/old\" | /new{rest} | /old/x | /new/x",
        "path-prefix = \"/old\" | /new{rest} | /old | /new",
        "path-prefix = \"/old/\" | /new/{rest} | /old/x | /new/x",
        "path-prefix = \"/old\" | {rest} | /old//evil.com | /evil.com",
        "path = \"/old\" | /new{rest} | /old | /new",
        "host = a.com | /new{rest} | /old | /new/old",
        "path-regex = \"^/v(?P<n>[0-9]+)/(.*)\" | /{n}/{2} | /v7/x | /7/x",
        "path-regex = \"^/(.*)$\" | /{1} | //evil.com | /evil.com",
        "path-regex = \"^/(a)?b\" | /<{1}> | /b | /<>",
      })
  void usesWhatTheRouteMatched(String match, String to, String path, String location) {
    Redirect redirect =
        redirect("{ match { " + match + " }, redirect { to = \"" + to + "\", status = 308 } }");
    assertThat(redirect.location(TestRequest.get("a.com", path))).isEqualTo(location);
    assertThat(redirect.status()).isEqualTo(308);
  }

  @Test
  void saysWhereItLeads() {
    assertThat(redirect("{ redirect { to = \"/{host}\" } }"))
        .hasToString("redirect 302 to /{host}");
  }

  private static Redirect redirect(String text) {
    Destination destination = Tables.route(text).destination();
    assertThat(destination).isInstanceOf(Redirect.class);
    return (Redirect) destination;
  }
}
