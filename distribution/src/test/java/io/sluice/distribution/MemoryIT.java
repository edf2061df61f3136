package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A body of 128 MiB passes to a side that reads 8 MB/s. How many bytes of buffers the proxy holds
 * is asked of its metrics all the while.
 */
class MemoryIT {

  private static final int BODY = 128 << 20;
  private static final int BYTES_PER_SECOND = 8_000_000;
  private static final int PIECE = 64 << 10;
  private static final double LIMIT = 2 << 20;

  /**
   * Enough of the body to outgrow every socket buffer many times; the rest passes at full speed.
   */
  private static final int SLOWLY = 40 << 20;

  private static final Pattern HELD =
      Pattern.compile("(?m)^sluice_buffer_used_bytes(?:\\{[^}]*\\})? ([0-9.eE+]+)$");

  @TempDir Path folder;

  @Test
  void aDownloadToASlowClientHoldsLessThanTwoMebibytes() throws Exception {
    try (ServerSocket endpoint = new ServerSocket(0, 8, InetAddress.getByName("127.0.0.1"));
        SluiceProcess sluice = run(endpoint)) {
      FutureTask<Long> sent = start(() -> answerWithBody(endpoint));
      try (Socket client = new Socket("127.0.0.1", sluice.port("web"))) {
        send(client, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
        InputStream in = new BufferedInputStream(client.getInputStream(), 1);
        skipHead(in);
        assertThat(readSlowly(in, sluice)).isLessThan(LIMIT);
      }
      assertThat(sent.get()).isEqualTo(BODY);
    }
  }

  @Test
  void anUploadToASlowEndpointHoldsLessThanTwoMebibytes() throws Exception {
    try (ServerSocket endpoint = new ServerSocket(0, 8, InetAddress.getByName("127.0.0.1"));
        SluiceProcess sluice = run(endpoint);
        Socket client = new Socket("127.0.0.1", sluice.port("web"))) {
      FutureTask<Double> most = start(() -> takeBodySlowly(endpoint, sluice));
      send(client, "POST /big HTTP/1.1\r\nHost: x\r\nContent-Length: " + BODY + "\r\n\r\n");
      assertThat(writeBody(client.getOutputStream())).isEqualTo(BODY);
      assertThat(Wire.response(new BufferedInputStream(client.getInputStream()), "POST").status())
          .isEqualTo(200);
      assertThat(most.get()).isLessThan(LIMIT);
    }
  }

  private SluiceProcess run(ServerSocket endpoint) {
    return SluiceProcess.run(
        folder,
        """
        listeners.web.bind = "127.0.0.1:0"
        admin.bind = "127.0.0.1:0"
        routes = [ { upstream = app } ]
        upstreams.app.endpoints = [ "127.0.0.1:%d" ]
        """
            .formatted(endpoint.getLocalPort()));
  }

  private static Long answerWithBody(ServerSocket endpoint) throws IOException {
    try (Socket connection = endpoint.accept()) {
      Wire.request(new BufferedInputStream(connection.getInputStream()));
      send(connection, "HTTP/1.1 200 OK\r\nContent-Length: " + BODY + "\r\n\r\n");
      return writeBody(connection.getOutputStream());
    }
  }

  private static Double takeBodySlowly(ServerSocket endpoint, SluiceProcess sluice)
      throws IOException {
    try (Socket connection = endpoint.accept()) {
      InputStream in = new BufferedInputStream(connection.getInputStream(), 1);
      skipHead(in);
      double most = readSlowly(in, sluice);
      send(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      return most;
    }
  }

  private static long writeBody(OutputStream out) throws IOException {
    byte[] piece = new byte[PIECE];
    for (int sent = 0; sent < BODY; sent += PIECE) {
      out.write(piece);
    }
    return BODY;
  }

  /** Reads the body and answers the most that the proxy said to hold meanwhile. */
  private static double readSlowly(InputStream in, SluiceProcess sluice) throws IOException {
    byte[] piece = new byte[PIECE];
    double most = 0;
    long start = System.nanoTime();
    for (long got = 0; got < BODY; ) {
      int read = in.read(piece);
      assertThat(read).isPositive();
      got += read;
      if (got < SLOWLY) {
        long due = start + got * 1_000_000_000L / BYTES_PER_SECOND;
        LockSupport.parkNanos(due - System.nanoTime());
        if ((got / PIECE) % 32 == 0) {
          most = Math.max(most, held(sluice));
        }
      }
    }
    assertThat(most).as("was measured").isPositive();
    return most;
  }

  private static double held(SluiceProcess sluice) {
    String metrics = Client.get(sluice.adminPort(), "/metrics").text();
    Matcher matcher = HELD.matcher(metrics);
    double sum = 0;
    boolean found = false;
    while (matcher.find()) {
      found = true;
      sum += Double.parseDouble(matcher.group(1));
    }
    assertThat(found).as("sluice_buffer_used_bytes is there").isTrue();
    return sum;
  }

  private static void skipHead(InputStream in) throws IOException {
    int last = 0;
    while (last != 0x0D0A0D0A) {
      int next = in.read();
      assertThat(next).isNotNegative();
      last = (last << 8) | next;
    }
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static <T> FutureTask<T> start(java.util.concurrent.Callable<T> body) {
    FutureTask<T> task = new FutureTask<>(body);
    Thread thread = new Thread(task, "other-side");
    thread.setDaemon(true);
    thread.start();
    return task;
  }
}
