package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections whose octets pass unread, over reloads, drains and the end. */
class TcpReloadTest {

  @TempDir Path home;
  private Running running;

  @AfterEach
  void stop() {
    running.close();
  }

  /** A client, and the endpoint's side of its connection. */
  private static final class Line implements AutoCloseable {
    private final Socket client;
    private final Socket endpoint;

    Line(int port, ServerSocket server) throws IOException {
      client = new Socket(InetAddress.getLoopbackAddress(), port);
      client.setSoTimeout(20_000);
      server.setSoTimeout(20_000);
      endpoint = server.accept();
      endpoint.setSoTimeout(20_000);
    }

    void talk() throws IOException {
      pass(client, endpoint);
      pass(endpoint, client);
    }

    private static void pass(Socket from, Socket to) throws IOException {
      from.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));
      byte[] got = to.getInputStream().readNBytes(6);
      assertThat(new String(got, StandardCharsets.US_ASCII)).isEqualTo("hello\n");
    }

    @Override
    public void close() throws IOException {
      client.close();
      endpoint.close();
    }
  }

  private static String with(String listeners, ServerSocket server) {
    return Running.COMMON
        + listeners
        + """
        upstreams.db { protocol = tcp, endpoints = ["127.0.0.1:%d"] }
        """
            .formatted(server.getLocalPort());
  }

  private static final String LISTENER =
      "listeners.db { bind = \"127.0.0.1:0\", protocol = tcp, upstream = db }\n";

  @Test
  void aReloadEndsNoConnectionWhateverItTakesAway() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      running = Running.start(home, with(LISTENER, server));
      int port = running.port("db");
      try (Line line = new Line(port, server)) {
        line.talk();
        assertThat(running.reload(with(LISTENER, server) + "log-level = warn\n").ok()).isTrue();
        line.talk();
        try (Line second = new Line(port, server)) {
          second.talk();
          assertThat(running.reload(Running.COMMON).ok()).isTrue();
          line.talk();
          second.talk();
          assertThat(running.platform.listeners()).containsOnlyKeys("web");
        }
        line.talk();
      }
    }
  }

  @Test
  void theStatusTellsWhatAListenerSpeaksAndCarries() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      running = Running.start(home, with(LISTENER, server));
      try (Line line = new Line(running.port("db"), server)) {
        line.talk();
        assertThat(new AdminCaller(running).get("/status"))
            .containsPattern("\"name\":\"web\",\"protocol\":\"http\",[^}]*\"connections\":0")
            .containsPattern("\"name\":\"db\",\"protocol\":\"tcp\",[^}]*\"connections\":1");
      }
    }
  }

  @Test
  void aDrainWaitsForConnectionsAndTheEndDoesNot() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      running = Running.start(home, with(LISTENER, server));
      try (Line line = new Line(running.port("db"), server)) {
        line.talk();
        Boolean drained =
            running
                .platform
                .drain(Duration.ofMillis(300))
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        assertThat(drained).isFalse();
        line.talk();
        running.close();
        try (BufferedReader rest =
            new BufferedReader(
                new InputStreamReader(line.client.getInputStream(), StandardCharsets.US_ASCII))) {
          assertThat(rest.readLine()).isNull();
        }
      }
    }
  }
}
