package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of {@code conf/examples} whose octets pass unread, before real endpoints. */
class TunnelExamplesIT {

  @TempDir Path folder;

  // --- tcp.conf
  // -----------------------------------------------------------------------------------

  @Test
  void tcpConnectionsOutliveAReloadOfTheRoutesBesideThem() throws IOException {
    try (ScriptedEndpoint api = ScriptedEndpoint.named("api");
        ScriptedEndpoint site = ScriptedEndpoint.named("site");
        ScriptedEndpoint db = ScriptedEndpoint.named("row");
        SluiceProcess sluice =
            Example.shipped("tcp.conf")
                .replace("\":5432\"", "\"127.0.0.1:0\"")
                .endpoint(9001, api)
                .endpoint(9002, site)
                .port(9004, Example.freePort())
                .endpoint(9005, db)
                .run(folder);
        Client query = new Client(sluice.port("db"))) {
      assertThat(Client.get(sluice.port("web"), "/api/x").text()).isEqualTo("api");
      assertThat(Client.get(sluice.port("web"), "/").text()).isEqualTo("site");
      assertThat(query.exchange("GET", "/1", List.of(), "").text()).isEqualTo("row");

      Path config = folder.resolve("sluice.conf");
      Files.writeString(config, Files.readString(config).replace("\"/api\"", "\"/v2\""));
      assertThat(Client.call(sluice.adminPort(), "POST", "/reload", List.of()).status())
          .isEqualTo(200);
      assertThat(Client.get(sluice.port("web"), "/v2/x").text()).isEqualTo("api");
      assertThat(query.exchange("GET", "/2", List.of(), "").text()).isEqualTo("row");
    }
  }

  // --- passthrough.conf
  // ---------------------------------------------------------------------------

  @Test
  void tlsGoesByServerNameToWhoHoldsTheCertificate() throws Exception {
    try (Peers.Server b = Peers.tls(folder, "b.example.com");
        SluiceProcess sluice =
            Example.shipped("passthrough.conf")
                .replace("\":8443\"", "\"127.0.0.1:0\"")
                .port(9001, Example.freePort())
                .port(9002, b.port())
                .port(9003, Example.freePort())
                .run(folder)) {
      String address = "127.0.0.1:" + sluice.port("tls");
      assertThat(
              Peers.tryRun(
                  folder,
                  "openssl",
                  "s_client",
                  "-connect",
                  address,
                  "-servername",
                  "www.b.example.com"))
          .containsPattern("CN ?= ?b.example.com");
      assertThat(
              Peers.tryRun(
                  folder, "openssl", "s_client", "-connect", address, "-servername", "c.example"))
          .contains("unrecognized name");
    }
  }

  // --- websocket.conf
  // -----------------------------------------------------------------------------

  @Test
  void websocketsGoToTheirRoomAndEverythingElseToTheSite() throws IOException {
    try (Talking first = new Talking("first");
        Talking second = new Talking("second");
        ScriptedEndpoint site = ScriptedEndpoint.named("site");
        SluiceProcess sluice =
            Example.shipped("websocket.conf")
                .port(9001, first.port())
                .port(9002, second.port())
                .endpoint(9003, site)
                .run(folder)) {
      int web = sluice.port("web");
      assertThat(Client.get(web, "/chat?room=1").text()).isEqualTo("site");
      Set<String> seen = new TreeSet<>();
      for (int room = 0; room < 20; room++) {
        String endpoint = Talking.greeting(web, "/chat?room=" + room);
        assertThat(Talking.greeting(web, "/chat?room=" + room)).isEqualTo(endpoint);
        seen.add(endpoint);
      }
      assertThat(seen).containsExactly("first", "second");

      try (Socket tunnel = Talking.open(web, "/chat?room=1")) {
        Talking.line(tunnel);
        Path config = folder.resolve("sluice.conf");
        Files.writeString(config, Files.readString(config).replace("\"/chat\"", "\"/talk\""));
        assertThat(Client.call(sluice.adminPort(), "POST", "/reload", List.of()).status())
            .isEqualTo(200);
        assertThat(Talking.greeting(web, "/talk?room=1")).isIn("first", "second");
        tunnel.getOutputStream().write("still here\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(Talking.line(tunnel)).isEqualTo("still here");
      }
    }
  }
}
