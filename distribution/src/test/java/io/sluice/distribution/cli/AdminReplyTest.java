package io.sluice.distribution.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AdminReplyTest {

  @Test
  void putsTheStateFirstAndAddressesWhereTheyCanBeRead() {
    assertThat(
            AdminReply.status(
                """
                {"uptime":90.5,"status":"ready","version":"1.0","generation":3,"connections":2,
                 "exchanges":1,"lastReload":null,"listeners":[
                   {"name":"web","protocol":"http","addresses":["0.0.0.0:80","[::]:80"]}]}"""))
        .containsExactly(
            "status       ready",
            "version      1.0",
            "generation   3",
            "connections  2",
            "exchanges    1",
            "uptime       1m30s",
            "listener     web 0.0.0.0:80, [::]:80");
  }

  @Test
  void saysWhyTheLastReloadWasRefused() {
    assertThat(
            AdminReply.status(
                """
                {"uptime":1,"status":"ready","version":"1.0","generation":3,"connections":2,
                 "exchanges":1,"listeners":[],"lastReload":
                   {"at":"2026-01-01T00:00:00Z","success":false,"problems":["a.conf:1: x: y"]}}"""))
        .endsWith("last reload  refused 2026-01-01T00:00:00Z", "  a.conf:1: x: y");
  }

  @Test
  void listsTextsAndAnswersNoneForAKeyThatIsNotThere() {
    assertThat(AdminReply.list("{\"problems\":[\"a\",\"b\"]}", "problems"))
        .containsExactly("a", "b");
    assertThat(AdminReply.list("{}", "problems")).isEmpty();
  }
}
