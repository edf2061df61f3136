package io.sluice.plugin.discoveryfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.api.upstream.EndpointDiscovery.EndpointSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatsTest {

  @Test
  void readsAnEndpointALine() throws Exception {
    assertThat(
            LineFormat.parse(
                "x",
                """
                # the first two
                10.0.0.1:9090
                app.internal:80   weight=3 zone=b  # a comment

                [2001:db8::1]:443 priority=2
                10.0.0.2:9090 backup
                10.0.0.3:9090 host=three.example.com
                """))
        .containsExactly(
            EndpointSpec.at("10.0.0.1", 9090),
            new EndpointSpec("app.internal", 80, 3, "b", 0),
            new EndpointSpec("2001:db8::1", 443, 1, null, 2),
            new EndpointSpec("10.0.0.2", 9090, 1, null, 1),
            EndpointSpec.at("10.0.0.3", 9090).named("three.example.com"));
  }

  @Test
  void readsCarriageReturnsToo() throws Exception {
    assertThat(LineFormat.parse("x", "10.0.0.1:1\r\n10.0.0.2:2\r\n")).hasSize(2);
  }

  @Test
  void takesEveryEndpointAwayOnlyWhenTheFileSaysSo() throws Exception {
    assertThat(LineFormat.parse("x", "# drained\nnone\n")).isEmpty();
    assertThat(JsonFormat.parse("x", "[]")).isEmpty();
    assertThat(JsonFormat.parse("x", "{\"endpoints\": []}")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | f:1: no endpoint (expected: an address a line, or the word none)",
        "'# only words;' | f:1: no endpoint (expected: an address a line, or the word none)",
        "'10.0.0.1:90' | f:1: the last line has no line feed: half-written?",
        "'10.0.0.1;' | f:1: \"10.0.0.1\" is not an address (expected: host:port or [v6]:port)",
        "'::1:80;' | f:1: \"::1:80\" is not an address (expected: host:port or [v6]:port)",
        "'a:0;' | f:1: \"a:0\" is not an address (expected: host:port or [v6]:port)",
        "'http://a:80;' | f:1: \"http://a:80\" is not an address (expected: host:port or"
            + " [v6]:port)",
        "'a:1;b:2;a:1 weight=2;' | f:3: a:1 is there already, in line 1 (expected: weight for a"
            + " larger share)",
        "'a:1 weight=0;' | f:1: \"weight=0\" is no setting (expected: weight=1, zone=NAME,"
            + " priority=0, backup or host=NAME)",
        "'a:1 zone=;' | f:1: \"zone=\" is no setting (expected: weight=1, zone=NAME, priority=0,"
            + " backup or host=NAME)",
        "'a:1 slow;' | f:1: \"slow\" is no setting (expected: weight=1, zone=NAME, priority=0,"
            + " backup or host=NAME)",
        "'a:1 host=b:2;' | f:1: \"host=b:2\" is no setting (expected: weight=1, zone=NAME,"
            + " priority=0, backup or host=NAME)",
        "'a:1;none;' | f:2: \"none\" stands beside endpoints (expected: one of the two)",
        "'a;b;' | f:1: \"a\" is not an address (expected: host:port or [v6]:port); f:2: \"b\" is"
            + " not an address (expected: host:port or [v6]:port)",
      })
  void refusesLinesAndSaysWhere(String text, String message) {
    assertThatThrownBy(() -> LineFormat.parse("f", text.replace(';', '\n')))
        .isInstanceOf(InvalidFile.class)
        .hasMessage(message);
  }

  @Test
  void readsJson() throws Exception {
    assertThat(
            JsonFormat.parse(
                "x",
                """
                [ "10.0.0.1:9090",
                  { "address": "10.0.0.2:9090", "weight": 3, "zone": "b" },
                  { "address": "[::1]:80", "backup": true, "zone": null },
                  { "address": "c:80", "priority": 2, "host": null },
                  { "address": "10.0.0.3:80", "host": "three.example.com" } ]
                """))
        .containsExactly(
            EndpointSpec.at("10.0.0.1", 9090),
            new EndpointSpec("10.0.0.2", 9090, 3, "b", 0),
            new EndpointSpec("::1", 80, 1, null, 1),
            new EndpointSpec("c", 80, 1, null, 2),
            EndpointSpec.at("10.0.0.3", 80).named("three.example.com"));
    assertThat(JsonFormat.parse("x", "{\"endpoints\":[\"a:1\"]}"))
        .containsExactly(EndpointSpec.at("a", 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | f:1: nothing in it (expected: [ \"host:port\", { \"address\": \"host:port\" } ])",
        "7 | f:1: no array (expected: [ \"host:port\", { \"address\": \"host:port\" } ])",
        "{} | f:1: no endpoints (expected: { \"endpoints\": [ … ] })",
        "'{\"endpoints\":1}' | f:1: endpoints is no array (expected: [ \"host:port\", {"
            + " \"address\": \"host:port\" } ])",
        "'{\"endpoints\":[], \"x\":{}}' | f:1: unknown key \"x\" (expected: endpoints)",
        "'[;7 ]' | f:2: not an endpoint (expected: [ \"host:port\", { \"address\": \"host:port\" }"
            + " ])",
        "'[ {} ]' | f:1: an endpoint without address (expected: host:port or [v6]:port)",
        "'[ {;\"address\": 1} ]' | f:2: address cannot be that (expected: text)",
        "'[ {\"address\":\"a:1\",;\"host\": \"b:2\"} ]' | f:2: host cannot be that (expected: a host"
            + " name without a port)",
        "'[ {\"address\":\"a:1\",;\"weight\": 0} ]' | f:2: weight cannot be that (expected: a whole"
            + " number from 1 to 65535)",
        "'[ {\"address\":\"a:1\",\"weight\": 1.5} ]' | f:1: weight cannot be that (expected: a"
            + " whole number from 1 to 65535)",
        "'[ {\"address\":\"a:1\",\"priority\": -1} ]' | f:1: priority cannot be that (expected: a"
            + " whole number from 0 to 127)",
        "'[ {\"address\":\"a:1\",\"backup\": \"yes\"} ]' | f:1: backup cannot be that (expected:"
            + " true or false)",
        "'[ {\"address\":\"a:1\",\"wieght\": 1} ]' | f:1: unknown key \"wieght\" (expected:"
            + " address, weight, zone, priority, backup or host)",
        "'[ \"a:1\",; \"a:1\" ]' | f:2: a:1 is there already, in line 1 (expected: weight for a"
            + " larger share)",
      })
  void refusesJsonAndSaysWhere(String text, String message) {
    assertThatThrownBy(() -> JsonFormat.parse("f", text.replace(';', '\n')))
        .isInstanceOf(InvalidFile.class)
        .hasMessage(message);
  }

  @Test
  void refusesJsonBrokenOffAtEveryPlace() {
    String whole = "[ \"10.0.0.1:9090\", { \"address\": \"10.0.0.2:9090\", \"weight\": 30 } ]";
    for (int length = 0; length < whole.length(); length++) {
      String part = whole.substring(0, length);
      assertThatThrownBy(() -> JsonFormat.parse("f", part))
          .as(part)
          .isInstanceOf(InvalidFile.class)
          .hasMessageStartingWith("f:1: ");
    }
    assertThatThrownBy(() -> JsonFormat.parse("f", "[]\n[]"))
        .hasMessage("f:2: not JSON: something follows the end");
    assertThatThrownBy(() -> JsonFormat.parse("f", "[{\"zone\":\"a\",\n\"zone\":\"b\"}]"))
        .hasMessageStartingWith("f:2: not JSON: Duplicate");
  }

  @Test
  void tellsFiveProblemsAndCountsTheRest() {
    assertThatThrownBy(() -> LineFormat.parse("f", "a\nb\nc\nd\ne\ng\nh\n"))
        .hasMessageEndingWith("; and 2 more");
  }
}
