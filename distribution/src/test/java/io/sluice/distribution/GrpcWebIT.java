package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A browser's calls through the zip, to an endpoint that speaks gRPC's HTTP: content and trailers.
 */
class GrpcWebIT {

  private static final byte[] MESSAGE = {0, 0, 0, 0, 3, 'a', 'b', 'c'};
  private static final String TRAILERS = "grpc-status:0\r\ngrpc-message:fine\r\n";

  private static final String CONFIG =
      """
      listeners.web.bind = "127.0.0.1:0"
      admin.bind = "127.0.0.1:0"
      access-log = off
      middleware.pages { type = cors, allow-origins = ["https://app.example"], allow-methods = [POST]
        allow-headers = [Content-Type, X-Grpc-Web], expose-headers = [Grpc-Status, Grpc-Message] }
      upstreams.greeter.endpoints = ["127.0.0.1:%d"]
      upstreams.gone.endpoints = ["127.0.0.1:%d"]
      routes = [
        { match.path-prefix = "/gone", middleware = [pages, grpc-web], upstream = gone }
        { middleware = [pages, grpc-web], upstream = greeter } ]
      """;

  @TempDir Path folder;

  private static byte[] trailersFrame() {
    byte[] lines = TRAILERS.getBytes(StandardCharsets.US_ASCII);
    byte[] frame = new byte[5 + lines.length];
    frame[0] = (byte) 0x80;
    frame[4] = (byte) lines.length;
    System.arraycopy(lines, 0, frame, 5, lines.length);
    return frame;
  }

  @Test
  void aTextCallComesBackWithItsTrailersInTheBody() throws Exception {
    try (Greeter greeter = new Greeter();
        SluiceProcess sluice =
            SluiceProcess.run(folder, CONFIG.formatted(greeter.port(), Example.freePort()))) {
      Base64.Encoder base64 = Base64.getEncoder();
      Wire.Message answer =
          Client.call(
              sluice.port("web"),
              "POST",
              "/greet.Greeter/Hello",
              List.of(
                  "Origin: https://app.example",
                  "X-Grpc-Web: 1",
                  "Content-Type: application/grpc-web-text+proto",
                  "Accept: application/grpc-web-text"),
              base64.encodeToString(MESSAGE));

      Wire.Message received = greeter.received.get(20, TimeUnit.SECONDS);
      assertThat(received.header("Content-Type")).isEqualTo("application/grpc+proto");
      assertThat(received.header("TE")).isEqualTo("trailers");
      assertThat(received.body()).isEqualTo(MESSAGE);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).isEqualTo("application/grpc-web-text+proto");
      assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("https://app.example");
      assertThat(answer.text())
          .isEqualTo(
              base64.encodeToString(MESSAGE)
                  + base64.encodeToString(MESSAGE)
                  + base64.encodeToString(trailersFrame()));
    }
  }

  @Test
  void errorsOfTheProxyAndOfTheClientAreCodes() throws Exception {
    try (Greeter greeter = new Greeter();
        SluiceProcess sluice =
            SluiceProcess.run(folder, CONFIG.formatted(greeter.port(), Example.freePort()))) {
      Wire.Message gone = web(sluice, "/gone/Hello", "application/grpc-web+proto", "");
      assertThat(gone.header("grpc-status")).isEqualTo("14");
      assertThat(gone.header("grpc-message")).startsWith("connection_refused (exchange ");
      Wire.Message bad =
          web(sluice, "/greet/Hello", "application/grpc-web-text+proto", "no base64");
      assertThat(bad.header("grpc-status")).isEqualTo("13");
      assertThat(bad.header("grpc-message")).contains("the content is not base64");
      for (Wire.Message answer : List.of(gone, bad)) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).startsWith("application/grpc-web");
        assertThat(answer.header("Access-Control-Expose-Headers"))
            .isEqualTo("Grpc-Status, Grpc-Message");
        assertThat(answer.body()).isEmpty();
      }
      assertThat(sluice.err()).noneMatch(line -> line.contains("ERROR"));
    }
  }

  private static Wire.Message web(SluiceProcess sluice, String path, String type, String content) {
    List<String> headers = List.of("Origin: https://app.example", "Content-Type: " + type);
    return Client.call(sluice.port("web"), "POST", path, headers, content);
  }

  /** Answers one call with its message twice, and trailers. */
  private static final class Greeter implements AutoCloseable {

    private final ServerSocket server = bound();
    private final CompletableFuture<Wire.Message> received = new CompletableFuture<>();

    Greeter() {
      Thread thread = new Thread(this::serve, "greeter");
      thread.setDaemon(true);
      thread.start();
    }

    private static ServerSocket bound() {
      try {
        return new ServerSocket(0, 16, InetAddress.getByName("127.0.0.1"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    int port() {
      return server.getLocalPort();
    }

    private void serve() {
      try (Socket socket = server.accept()) {
        InputStream in = new BufferedInputStream(socket.getInputStream());
        Wire.Message request = Wire.request(in);
        received.complete(request);
        String head =
            "HTTP/1.1 200 OK\r\nContent-Type: application/grpc+proto\r\n"
                + "Transfer-Encoding: chunked\r\nTrailer: grpc-status\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        for (byte[] part : List.of(Arrays.copyOf(MESSAGE, 4), rest(), MESSAGE)) {
          socket
              .getOutputStream()
              .write((part.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
          socket.getOutputStream().write(part);
          socket.getOutputStream().write("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        String end = "0\r\nGrpc-Status: 0\r\nGrpc-Message: fine\r\n\r\n";
        socket.getOutputStream().write(end.getBytes(StandardCharsets.US_ASCII));
        in.transferTo(OutputStream.nullOutputStream());
      } catch (IOException e) {
        received.completeExceptionally(e); // also when nobody ever came
      }
    }

    private static byte[] rest() {
      return Arrays.copyOfRange(MESSAGE, 4, MESSAGE.length);
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}
