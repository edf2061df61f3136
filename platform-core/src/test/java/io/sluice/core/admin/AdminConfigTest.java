package io.sluice.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.config.ConfigLoader;
import io.sluice.core.config.KeyDoc;
import io.sluice.core.config.KeyRecorder;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.config.Problems;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminConfigTest {

  private final Problems problems = new Problems();

  @Test
  void listensOnLoopbackWithoutATokenByDefault() {
    AdminConfig config = decode("");

    assertThat(config)
        .isEqualTo(new AdminConfig(new BindAddress("127.0.0.1", 9901), null, null, List.of()));
    assertThat(problems.render()).isEmpty();
  }

  @Test
  void readsEveryKey() {
    AdminConfig config =
        decode(
            "bind = \"0.0.0.0:9901\", token = \"s3cret\", metrics-bind = \":9902\","
                + " hosts = [Admin.Example.com, \"*.wild.example\"]");

    assertThat(problems.render()).isEmpty();
    assertThat(config.bind()).isEqualTo(new BindAddress("0.0.0.0", 9901));
    assertThat(config.token()).isEqualTo("s3cret");
    assertThat(config.metricsBind()).isEqualTo(new BindAddress("", 9902));
    assertThat(config.hosts()).containsExactly("admin.example.com", "*.wild.example");
  }

  @Test
  void turnsListeningOff() {
    AdminConfig config = decode("bind = off, metrics-bind = off");

    assertThat(problems.render()).isEmpty();
    assertThat(config.bind()).isNull();
    assertThat(config.metricsBind()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"127.0.0.1:1", "127.8.9.10:1", "[::1]:1", "localhost:1", "LOCALHOST:0", "off"})
  void needsNoTokenOnLoopback(String bind) {
    decode("bind = \"" + bind + "\"");

    assertThat(problems.render()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0.0.0.0:9901", ":9901", "[::]:9901", "10.0.0.1:9901", "example.com:9901"})
  void refusesOtherAddressesWithoutAToken(String bind) {
    decode("bind = \"" + bind + "\"");

    assertThat(problems.render())
        .containsExactly(
            "a.conf:1: admin.bind: "
                + bind
                + " can be reached from elsewhere, and there is no token"
                + " (expected: a token, or a loopback address such as 127.0.0.1:9901)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "tökén"})
  void refusesATokenThatIsEmptyOrCannotBeSent(String token) {
    decode("bind = \":9901\", token = \"" + token + "\"");

    assertThat(problems.render())
        .singleElement()
        .asString()
        .startsWith("a.conf:1: admin.token: ")
        .endsWith("(expected: visible ASCII characters, at least one)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9901",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "::1:80",
        "[::1]",
        "a b:1",
        ""
      })
  void refusesWhatIsNoAddress(String bind) {
    decode("bind = \"" + bind + "\"");

    assertThat(problems.render())
        .containsExactly(
            "a.conf:1: admin.bind: \""
                + bind
                + "\" is not an address (expected: HOST:PORT such as 127.0.0.1:9901, or off)");
  }

  @Test
  void refusesTheSameAddressTwice() {
    decode("bind = \"127.0.0.1:9901\", metrics-bind = \"127.0.0.1:9901\"");

    assertThat(problems.render())
        .containsExactly(
            "a.conf:1: admin.metrics-bind: this is bind's address (expected: another address or port)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a:80", "*", "http://a", "a.*.b"})
  void refusesHostsThatAreNoNames(String host) {
    decode("hosts = [\"" + host + "\"]");

    assertThat(problems.render()).singleElement().asString().startsWith("a.conf:1: admin.hosts: ");
  }

  @Test
  void reportsKeysThatItDoesNotKnow() {
    decode("tokn = \"x\"");

    assertThat(problems.render())
        .singleElement()
        .asString()
        .contains("admin.tokn", "did you mean \"token\"");
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1:1,127.0.0.1:1", "[::1]:80,[::1]:80", ":5,:5", "LocalHost:7,localhost:7"})
  void writesAddressesAsTheyAreRead(String text, String written) {
    assertThat(BindAddress.parse(text)).hasToString(written);
  }

  @Test
  void documentsEveryKeyWithItsDefault() {
    List<KeyDoc> keys = KeyRecorder.record(AdminConfig::decode);

    assertThat(keys)
        .extracting(KeyDoc::path)
        .containsExactlyInAnyOrder("bind", "token", "metrics-bind", "hosts");
    assertThat(keys).noneMatch(key -> key.meaning().isEmpty());
    assertThat(keys).noneMatch(KeyDoc::required);
    assertThat(keys)
        .filteredOn(key -> key.path().endsWith("bind"))
        .extracting(KeyDoc::fallback)
        .containsExactlyInAnyOrder("127.0.0.1:9901", "off");
  }

  private AdminConfig decode(String members) {
    LocatedSection root =
        ConfigLoader.parse(Path.of("a.conf"), "admin { " + members + " }", Map.of(), problems);
    assertThat(root).isNotNull();
    AdminConfig config = root.section("admin").map(AdminConfig::decode, "", NONE).required();
    root.reportUnread();
    return config;
  }

  private static final AdminConfig NONE = new AdminConfig(null, null, null, List.of());
}
