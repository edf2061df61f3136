package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command of the launcher: what it prints and what it answers to the shell. */
class CliIT {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String SMALL =
      """
      listeners.web.bind = "127.0.0.1:0"
      admin.bind = "127.0.0.1:0"
      routes = [ { match.path = "/ping", respond { status = 200, body = "pong" } } ]
      """;

  @TempDir Path folder;

  @Test
  void printsItsVersion() {
    assertThat(Command.sluice("version").exitCode()).isZero();
    assertThat(Command.sluice("version").out()).hasSize(1);
    assertThat(Command.sluice("--version").out().get(0))
        .startsWith("sluice 0.1.0")
        .contains("plugin API 1.0")
        .contains("Java ");
  }

  @Test
  void helpNamesEveryCommandAndEachCommandHasHelp() {
    Command help = Command.sluice("--help");
    assertThat(help.exitCode()).isZero();
    List<String> commands =
        List.of(
            "run",
            "check",
            "explain",
            "demo",
            "plugins",
            "reload",
            "drain",
            "status",
            "version",
            "completion");
    assertThat(help.text()).contains(commands);
    for (String command : commands) {
      Command one = Command.sluice("help", command);
      assertThat(one.exitCode()).as(command).isZero();
      assertThat(one.text()).contains("Usage: sluice " + command);
    }
  }

  @Test
  void answers2WhenUsedWrongly() {
    assertThat(Command.sluice().exitCode()).isEqualTo(2);
    Command typo = Command.sluice("relaod");
    assertThat(typo.exitCode()).isEqualTo(2);
    assertThat(typo.text()).contains("did you mean \"reload\"?");
    assertThat(Command.sluice("run", "--fast").exitCode()).isEqualTo(2);
    assertThat(Command.sluice("explain", "x.conf").exitCode()).isEqualTo(2);
  }

  @Test
  void checkAcceptsEveryShippedConfig() {
    for (String name :
        List.of(
            "sluice.conf",
            "examples/path-pools.conf",
            "examples/health-cors-limit.conf",
            "examples/hosts.conf",
            "examples/ordered-routes.conf",
            "examples/sticky-hash.conf")) {
      Path config = Installation.home().resolve("conf").resolve(name);
      Command check = Command.sluice("check", config.toString());
      assertThat(check.text()).contains(name + ": valid");
      assertThat(check.exitCode()).isZero();
    }
  }

  @Test
  void checkPrintsTenLocatedProblemsForTenMistakes() throws IOException {
    Path config = folder.resolve("ten.conf");
    Files.writeString(
        config,
        """
        listeners.web { bind = "127.0.0.1:0", protocl = http }
        listeners.other { bind = "not an address" }
        routes = [
          { match { path = "/a" }, upstream = ap }
          { match { path-regex = "(" }, upstream = app }
          { match { path = "/b" }, upstream = app, middleware = [ cros ] }
          { match { path = "/c" }, respond { status = 99 } }
          { match { client = ["10.0.0.0/99"] }, upstream = app }
        ]
        upstreams.app {
          endpoints = [ "127.0.0.1:9001" ]
          timeouts { connect = 3 }
          balancer { type = round-robbin }
        }
        runtime.shutdown-timeout = soon
        """);
    Command check = Command.sluice("check", config.toString());
    assertThat(check.exitCode()).isEqualTo(1);
    assertThat(check.out()).as(check.text()).hasSize(10);
    assertThat(check.out())
        .allMatch(line -> line.matches(".*ten\\.conf:[0-9]+: .+: .+"), "is located")
        .allMatch(
            line -> line.contains("(expected: ") || line.contains("(did you mean \""),
            "says what would be right");
    assertThat(check.text())
        .contains("ten.conf:1: ")
        .contains("did you mean \"protocol\"?")
        .contains("did you mean \"app\"?")
        .contains("did you mean \"cors\"?")
        .contains("did you mean \"round-robin\"?");
  }

  @Test
  void explainNamesTheRouteAndSendsNothing() {
    try (ScriptedEndpoint users = ScriptedEndpoint.named("users")) {
      String config = Example.shipped("hosts.conf").port(9001, users.port()).text();
      Path file = SluiceProcess.write(folder, config);
      Command explain =
          Command.sluice("explain", file.toString(), "GET", "http://users.com/proxy/7?x=1");
      assertThat(explain.exitCode()).as(explain.text()).isZero();
      assertThat(explain.text()).contains("users").contains("/7?x=1").contains(users.address());
      assertThat(users.received()).isEmpty();

      Command none = Command.sluice("explain", file.toString(), "GET", "http://no.com/");
      assertThat(none.exitCode()).isZero();
      assertThat(none.text()).contains("404");
    }
  }

  @Test
  void listsPluginsWithKindTypeVersionSourceAndKeys() {
    Command plugins = Command.sluice("plugins");
    assertThat(plugins.exitCode()).isZero();
    assertThat(plugins.text())
        .containsPattern("load-balancer +round-robin +1\\.0 .*sluice-plugin-round-robin")
        .containsPattern("middleware +rate-limit +1\\.0 ")
        .containsPattern("access-log +json +1\\.0 ")
        .containsPattern("\\n +requests +");
  }

  @Test
  void runAnswers1ToABadConfigAnd3ToWhatItCannotHave() throws IOException {
    Path bad = folder.resolve("bad.conf");
    Files.writeString(bad, "listeners.web.bnd = 1\n");
    Command invalid = Command.sluice("run", bad.toString());
    assertThat(invalid.exitCode()).isEqualTo(1);
    assertThat(invalid.text()).contains("bad.conf:1: ").contains("did you mean \"bind\"?");

    Command missing = Command.sluice("run", folder.resolve("missing.conf").toString());
    assertThat(missing.exitCode()).isEqualTo(3);
    assertThat(missing.err()).hasSize(1);
    assertThat(missing.text()).contains("missing.conf").contains("no such file");

    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Path config = folder.resolve("taken.conf");
      String address = "127.0.0.1:" + taken.getLocalPort();
      Files.writeString(
          config, SMALL.replace("\"127.0.0.1:0\"\nadmin", "\"" + address + "\"\nadmin"));
      Command refused = Command.sluice(config.toString());
      assertThat(refused.exitCode()).isEqualTo(3);
      assertThat(refused.text()).contains(address);
      assertThat(refused.err().stream().filter(line -> line.startsWith("sluice: "))).hasSize(1);
    }
  }

  @Test
  void aBareConfigRunsItAndSignalsReloadAndStopIt() throws IOException {
    Path config = folder.resolve("sluice.conf");
    Files.writeString(config, SMALL);
    try (SluiceProcess sluice = SluiceProcess.run(config)) {
      assertThat(Client.get(sluice.port("web"), "/ping").text()).isEqualTo("pong");
      Files.writeString(config, SMALL.replace("pong", "PONG"));
      sluice.signal("HUP");
      await()
          .atMost(SOON)
          .until(() -> Client.get(sluice.port("web"), "/ping").text().equals("PONG"));
      sluice.signal("INT");
      assertThat(sluice.exitCode(SOON)).isZero();
    }
  }

  @Test
  void reloadStatusAndDrainTalkToTheAdminApi() throws IOException {
    Path config = folder.resolve("sluice.conf");
    Files.writeString(config, SMALL + "admin.token = \"s3cret\"\n");
    try (SluiceProcess sluice = SluiceProcess.run(config)) {
      String admin = "http://127.0.0.1:" + sluice.adminPort();
      Command status = Command.sluice("status", "--admin", admin, "--token", "s3cret");
      assertThat(status.exitCode()).as(status.text()).isZero();
      assertThat(status.text()).containsPattern("status +ready").containsPattern("generation +1");

      Map<String, String> token = Map.of("SLUICE_ADMIN_TOKEN", "s3cret");
      Files.writeString(config, Files.readString(config).replace("pong", "PONG"));
      Command reload = Command.sluice(token, "reload", "--admin", admin);
      assertThat(reload.exitCode()).as(reload.text()).isZero();
      assertThat(reload.text()).startsWith("reloaded");

      Files.writeString(config, Files.readString(config).replace("status = 200", "status = x"));
      Command refused = Command.sluice(token, "reload", "--admin", admin);
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.text()).contains("sluice.conf:3: ");

      Command wrong = Command.sluice("status", "--admin", admin, "--token", "wrong");
      assertThat(wrong.exitCode()).isEqualTo(3);
      assertThat(wrong.text()).contains("another token");

      assertThat(Command.sluice(token, "drain", "--admin", admin).exitCode()).isZero();
      await()
          .atMost(SOON)
          .until(() -> Client.get(sluice.adminPort(), "/health/ready").status() == 503);
    }
    Command gone = Command.sluice("status", "--admin", "http://127.0.0.1:" + Example.freePort());
    assertThat(gone.exitCode()).isEqualTo(3);
    assertThat(gone.text()).contains("no admin API");
  }

  @Test
  void demoSaysWhatToTryAndDoesIt() {
    try (SluiceProcess demo = SluiceProcess.launch(Map.of(), "demo", "--for", "60s")) {
      await().atMost(SOON).until(() -> demo.out().stream().anyMatch(l -> l.contains("Ctrl-C")));
      int port =
          Integer.parseInt(
              String.join("\n", demo.out()).replaceFirst("(?s).*?127\\.0\\.0\\.1:(\\d+).*", "$1"));
      String first = Client.get(port, "/hello").text();
      String second = Client.get(port, "/hello").text();
      assertThat(List.of(first.substring(0, 10), second.substring(0, 10)))
          .containsExactlyInAnyOrder("endpoint a", "endpoint b");
      assertThat(Client.get(port, "/ping").text()).isEqualTo("pong\n");
      demo.signal("INT");
      assertThat(demo.exitCode(SOON)).isZero();
    }
  }

  @Test
  void completionIsAScriptThatBashTakes() throws Exception {
    Command completion = Command.sluice("completion");
    assertThat(completion.exitCode()).isZero();
    Path script = Files.write(folder.resolve("completion.bash"), completion.out());
    assertThat(new ProcessBuilder("bash", "-n", script.toString()).start().waitFor()).isZero();
  }
}
