package io.sluice.plugin.headers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.plugin.testkit.FakeExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateTest {

  private final FakeExchange exchange =
      FakeExchange.of("GET /users HTTP/1.1\nHost: a.example\nX-Tenant: blue");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "plain | plain",
        "{host} | a.example",
        "from {client-ip} on {host} | from 203.0.113.7 on a.example",
        "{header:x-tenant}! | blue!",
        "{{literal}} | {literal}",
        "{nothing}x | x",
        "{nothing} | ''",
        "{header:X-Absent} | ''"
      })
  void rendersVariables(String template, String value) {
    assertThat(Template.of(template).render(exchange)).isEqualTo(value);
  }

  @Test
  void neverRendersASecondLine() {
    exchange.variable("group", "a\r\nSet-Cookie: x=1\0");

    assertThat(Template.of("{group}").render(exchange)).isEqualTo("a%0D%0ASet-Cookie: x=1%00");
  }

  @Test
  void encodesWhatAHeaderCannotHold() {
    exchange.variable("group", "\u20ac \ud83d\ude00 \u00e9");

    assertThat(Template.of("{group}").render(exchange)).isEqualTo("%E2%82%AC %F0%9F%98%80 \u00e9");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a { b | a lone {",
        "a } b | a lone }",
        "{} | {} is not a variable",
        "{a b} | {a b} is not a variable",
        "{header:} | not a header name: \"\""
      })
  void refusesBrokenTemplates(String template, String message) {
    assertThatThrownBy(() -> Template.of(template))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesTextThatAHeaderCannotHold() {
    assertThatThrownBy(() -> Template.of("a\nb"))
        .hasMessage("a header cannot hold control characters or text beyond Latin-1");
  }
}
