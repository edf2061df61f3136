package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sluice.distribution.Peers.Server;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Listeners whose octets pass unread, between real programs. */
class TcpIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path folder;

  @Test
  void redisWorksBehindATcpListener() throws Exception {
    try (Server redis = Peers.redis(folder);
        SluiceProcess sluice =
            SluiceProcess.run(
                folder,
                """
                listeners.cache { bind = "127.0.0.1:0", protocol = tcp, upstream = redis }
                upstreams.redis {
                  protocol = tcp, endpoints = [ "127.0.0.1:%d", "127.0.0.1:%d" ]
                  balancer { type = round-robin }, health-check { type = tcp, interval = 200ms }
                }
                admin.bind = "127.0.0.1:0"
                """
                    .formatted(redis.port(), Example.freePort()))) {
      String port = Integer.toString(sluice.port("cache"));
      for (int i = 0; i < 4; i++) {
        assertThat(Peers.run(folder, "redis-cli", "-p", port, "SET", "k" + i, "v" + i))
            .contains("OK");
        assertThat(Peers.run(folder, "redis-cli", "-p", port, "GET", "k" + i)).contains("v" + i);
      }
      String report =
          Peers.run(
              folder,
              "redis-benchmark",
              "-p",
              port,
              "-c",
              "50",
              "-n",
              "50000",
              "-P",
              "16",
              "-d",
              "2000",
              "-t",
              "set,get",
              "-q");
      assertThat(report).contains("requests per second").doesNotContain("rror");

      await()
          .atMost(SOON)
          .until(() -> sluice.out().stream().anyMatch(l -> l.contains("completed")));
      Config line = ConfigFactory.parseString(sluice.out().get(0));
      assertThat(line.getString("protocol")).isEqualTo("tcp");
      assertThat(line.getString("listener")).isEqualTo("cache");
      assertThat(line.getString("upstream")).isEqualTo("redis");
      assertThat(line.getString("endpoint")).isEqualTo("127.0.0.1:" + redis.port());
      assertThat(line.getLong("request_bytes")).isPositive();
      assertThat(line.getString("outcome")).isEqualTo("completed");
      String metrics = Client.get(sluice.adminPort(), "/metrics").text();
      assertThat(metrics)
          .containsPattern("sluice_tcp_connections_total\\{listener=\"cache\"} [1-9]")
          .containsPattern("sluice_tcp_connections_active\\{listener=\"cache\"} 0")
          .containsPattern("sluice_bytes_total\\{[^}]*direction=\"in\"[^}]*} [1-9]");
    }
  }

  @Test
  void opensslGetsTheCertificateOfTheServerThatItNames() throws Exception {
    try (Server a = Peers.tls(folder, "a.example.com");
        Server b = Peers.tls(folder, "b.example.com");
        SluiceProcess sluice =
            SluiceProcess.run(
                folder,
                """
                listeners.tls {
                  bind = "127.0.0.1:0", protocol = tls-passthrough
                  sni = [ { host = "a.example.com", upstream = a }, { host = "*.b.example.com", upstream = b } ]
                }
                upstreams.a { protocol = tcp, endpoints = [ "127.0.0.1:%d" ] }
                upstreams.b { protocol = tcp, endpoints = [ "127.0.0.1:%d" ] }
                admin.bind = "127.0.0.1:0"
                """
                    .formatted(a.port(), b.port()))) {
      String address = "127.0.0.1:" + sluice.port("tls");
      assertThat(connect(address, "a.example.com")).contains("CN = a.example.com");
      assertThat(connect(address, "x.B.example.com")).contains("CN = b.example.com");
      assertThat(connect(address, "b.example.com")).contains("unrecognized name");
      assertThat(Peers.tryRun(folder, "openssl", "s_client", "-connect", address, "-noservername"))
          .contains("unrecognized name");
    }
  }

  private String connect(String address, String name) throws Exception {
    return Peers.tryRun(folder, "openssl", "s_client", "-connect", address, "-servername", name)
        .replace("CN=", "CN = ");
  }

  @Test
  void unixSocketsServeHttpAndTcpAndLeaveNothingBehind() throws Exception {
    Path web = folder.resolve("web.sock");
    Path raw = folder.resolve("raw.sock");
    String config =
        """
        listeners.web.bind = "unix:%1$s"
        listeners.raw { bind = "unix:%2$s", protocol = tcp, upstream = again }
        listeners.over { bind = "127.0.0.1:0", protocol = tcp, upstream = raw }
        routes = [ { respond { status = 200, body = "over a file" } } ]
        upstreams.again { protocol = tcp, endpoints = [ "unix:%1$s" ] }
        upstreams.raw { protocol = tcp, endpoints = [ "unix:%2$s" ] }
        admin.bind = "127.0.0.1:0"
        """
            .formatted(web, raw);
    try (SluiceProcess killed = SluiceProcess.run(folder, config)) {
      assertThat(curl(web)).contains("over a file");
      assertThat(curl(raw)).contains("over a file");
      assertThat(Client.get(killed.port("over"), "/").text()).contains("over a file");
      Command second = Command.sluice("run", folder.resolve("sluice.conf").toString());
      assertThat(second.exitCode()).isEqualTo(3);
      assertThat(second.text()).contains("already in use");
      assertThat(curl(web)).contains("over a file");
    }
    assertThat(web).exists(); // it was killed
    try (SluiceProcess sluice = SluiceProcess.run(folder, config)) {
      assertThat(curl(web)).contains("over a file");
      sluice.signal("TERM");
      assertThat(sluice.exitCode(SOON)).isZero();
    }
    assertThat(web).doesNotExist();
    assertThat(raw).doesNotExist();
    Files.writeString(web, "precious");
    Command refused = Command.sluice("run", folder.resolve("sluice.conf").toString());
    assertThat(refused.exitCode()).isEqualTo(3);
    assertThat(refused.text()).contains("is no socket");
    assertThat(web).hasContent("precious");
  }

  private String curl(Path socket) throws Exception {
    return Peers.run(
        folder, "curl", "-sS", "--fail", "--unix-socket", socket.toString(), "http://local/");
  }

  @Test
  void everyTransportServesOrSaysWhyNot() throws Exception {
    for (String transport : new String[] {"epoll", "nio", "io_uring"}) {
      Path home = Files.createDirectories(folder.resolve(transport));
      String config =
          """
          listeners.web.bind = "127.0.0.1:0"
          listeners.six.bind = "[::1]:0"
          listeners.raw { bind = "127.0.0.1:0", protocol = tcp, upstream = raw }
          routes = [ { respond { status = 200, body = "served" } } ]
          upstreams.raw { protocol = tcp, endpoints = [ "127.0.0.1:%d" ] }
          admin.bind = "127.0.0.1:0"
          runtime.transport = %s
          """;
      try (ScriptedEndpoint endpoint = ScriptedEndpoint.named("endpoint")) {
        Path file = SluiceProcess.write(home, config.formatted(endpoint.port(), transport));
        Command check = Command.sluice("check", file.toString());
        if (check.exitCode() != 0) {
          assertThat(transport).isEqualTo("io_uring");
          assertThat(check.text()).contains("runtime.transport: cannot be used here: ");
          continue;
        }
        try (SluiceProcess sluice = SluiceProcess.run(file)) {
          assertThat(Client.get(sluice.port("web"), "/").text()).contains("served");
          assertThat(Client.get(sluice.port("raw"), "/").text()).isEqualTo("endpoint");
          String six = "http://[::1]:" + sluice.port("six") + "/";
          assertThat(Peers.run(home, "curl", "-sS", "--fail", "--noproxy", "*", six))
              .contains("served");
          sluice.signal("TERM");
          assertThat(sluice.exitCode(SOON)).isZero();
        }
      }
    }
  }

  @Test
  void aWebSocketIsToldThatTheProcessEnds() throws Exception {
    try (ServerSocket endpoint = new ServerSocket(0, 8, InetAddress.getByName("127.0.0.1"));
        SluiceProcess sluice =
            SluiceProcess.run(
                folder,
                """
                listeners.web.bind = "127.0.0.1:0"
                routes = [ { upstream = app } ]
                upstreams.app.endpoints = [ "127.0.0.1:%d" ]
                admin.bind = "127.0.0.1:0"
                runtime.shutdown-timeout = 500ms
                """
                    .formatted(endpoint.getLocalPort()));
        Socket client = new Socket("127.0.0.1", sluice.port("web"))) {
      client.setSoTimeout(20_000);
      String ask = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
      client.getOutputStream().write(ask.getBytes(StandardCharsets.US_ASCII));
      try (Socket server = endpoint.accept()) {
        String answer =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
        server.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        int last = 0;
        while (last != 0x0D0A0D0A) {
          last = last << 8 | client.getInputStream().read();
        }
        sluice.signal("TERM");
        byte[] rest = client.getInputStream().readAllBytes();
        assertThat(rest).containsExactly(0x88, 2, 3, 0xE9);
      }
      assertThat(sluice.exitCode(SOON)).isZero();
    }
  }
}
