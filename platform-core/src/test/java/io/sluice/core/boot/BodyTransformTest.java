package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import io.sluice.api.http.Chunk;
import io.sluice.api.http.Headers;
import io.sluice.api.middleware.BodySink;
import io.sluice.api.middleware.BodyTransform;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.MiddlewareFactory;
import io.sluice.api.middleware.ResponseWriter;
import io.sluice.api.middleware.Resumption;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyTransformTest {

  private static final int BIG = 32 * 1024 * 1024;

  @TempDir Path home;
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private Peer peer;
  private Running running;

  /** Upper case, with a mode in the header {@code X-Mode}. */
  private final class Shouting implements BodyTransform {
    private final String side;
    private final String mode;
    private int produced;
    private boolean inputEnded;

    Shouting(String side, String mode) {
      this.side = side;
      this.mode = mode;
    }

    @Override
    public boolean holdsHead() {
      return mode.contains("holds");
    }

    @Override
    public long contentLength() {
      return mode.contains("declares-more") ? 6 : mode.contains("declares") ? 5 : -1;
    }

    @Override
    public void onChunk(Chunk chunk, BodySink sink) {
      if (mode.contains("throws")) {
        throw new IllegalStateException("as asked");
      }
      if (!mode.contains("expands") && !mode.contains("swallows")) {
        String text = StandardCharsets.ISO_8859_1.decode(chunk.bytes()).toString();
        sink.write(
            ByteBuffer.wrap(text.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1)));
      }
    }

    @Override
    public void onEnd(@Nullable Headers trailers, BodySink sink) {
      seen.add(side + " end");
      inputEnded = true;
      if (mode.contains("expands")) {
        onDemand(sink);
      } else {
        sink.end(trailers);
      }
    }

    @Override
    public void onDemand(BodySink sink) {
      if (!inputEnded || !mode.contains("expands")) {
        return;
      }
      while (sink.ready() && produced < BIG) {
        sink.write(ByteBuffer.allocate(16 * 1024));
        produced += 16 * 1024;
      }
      if (produced == BIG) {
        sink.end(null);
      }
    }

    @Override
    public void onAbort() {
      seen.add(side + " abort");
    }
  }

  private final class Bodies implements Middleware {
    private String mode(Exchange exchange) {
      String mode = exchange.request().headers().get("X-Mode");
      return mode == null ? "" : mode;
    }

    @Override
    public Flow onRequest(Exchange exchange) {
      String mode = mode(exchange);
      if (mode.contains("streams")) {
        Map<String, String> headers =
            mode.contains("short") ? Map.of("Content-Length", "9") : Map.of();
        return exchange.respondStreaming(
            200, headers, writer -> new Producer(writer, mode.contains("short") ? 8 : BIG).run());
      }
      if (mode.contains("buffers")) {
        Resumption resumption = exchange.suspend(Duration.ofSeconds(10));
        exchange.bufferRequest(16, resumption);
        return Flow.SUSPENDED;
      }
      return Flow.CONTINUE;
    }

    @Override
    public @Nullable BodyTransform requestBody(Exchange exchange) {
      Chunk whole = exchange.bufferedRequest();
      if (whole != null) {
        seen.add("buffered " + StandardCharsets.ISO_8859_1.decode(whole.bytes()));
      }
      return mode(exchange).contains("request") ? new Shouting("request", mode(exchange)) : null;
    }

    @Override
    public @Nullable BodyTransform responseBody(Exchange exchange) {
      seen.add("asked");
      return mode(exchange).contains("response") ? new Shouting("response", mode(exchange)) : null;
    }
  }

  /** Writes as long as the client keeps up. */
  private static final class Producer implements Runnable {
    private final ResponseWriter writer;
    private int left;

    Producer(ResponseWriter writer, int octets) {
      this.writer = writer;
      this.left = octets;
    }

    @Override
    public void run() {
      while (left > 0 && writer.ready()) {
        int some = Math.min(left, 16 * 1024);
        writer.write(ByteBuffer.allocate(some));
        left -= some;
      }
      if (left > 0) {
        writer.whenReady(this);
      } else {
        writer.end();
      }
    }
  }

  @BeforeEach
  void boot() {
    peer = Peer.of(this::echo);
    MiddlewareFactory bodies = Running.middleware("bodies", (config, context) -> new Bodies());
    running =
        Running.start(
            home,
            Running.COMMON
                + """
                upstreams.app.endpoints = ["%s"]
                routes = [ { middleware = [ bodies, bodies ], upstream = app } ]
                """
                    .formatted(peer.address()),
            bodies);
  }

  @AfterEach
  void stop() {
    running.close();
    peer.close();
  }

  private void echo(Peer.Request request) throws IOException {
    if (request.line().startsWith("HEAD")) {
      Peer.write(request, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nDigest: x\r\n\r\n");
      return;
    }
    if (request.target().equals("/none")) {
      Peer.write(request, "HTTP/1.1 204 OK\r\n\r\n");
      return;
    }
    if (request.target().equals("/broken")) {
      Peer.write(request, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nonly");
      request.answer().close();
      return;
    }
    if (request.target().equals("/big")) {
      big(request);
      return;
    }
    String body = request.body();
    peer.bodies.add(body);
    Peer.write(
        request, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nDigest: x\r\nETag: e\r\n\r\nhello");
  }

  private static void big(Peer.Request request) throws IOException {
    Peer.write(request, "HTTP/1.1 200 OK\r\nContent-Length: " + BIG + "\r\n\r\n");
    byte[] piece = new byte[64 * 1024];
    for (int sent = 0; sent < BIG; sent += piece.length) {
      request.answer().write(piece);
    }
  }

  /** Reads at most 64 KiB each 2 ms. */
  private static long drain(InputStream in, long length) throws IOException {
    byte[] piece = new byte[64 * 1024];
    long read = 0;
    while (read < length) {
      int some = in.read(piece, 0, (int) Math.min(piece.length, length - read));
      if (some < 0) {
        throw new IOException("broken off at " + read);
      }
      read += some;
      java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
    }
    return read;
  }

  @Test
  void responseTransformsDropTheLengthAndDigestsButNotTheTag() throws Exception {
    try (Caller caller = running.caller()) {
      for (int i = 0; i < 3; i++) {
        Caller.Response response = caller.get("/", "X-Mode: response");
        assertThat(response.body()).isEqualTo("HELLO");
        assertThat(response.headers())
            .containsEntry("transfer-encoding", "chunked")
            .containsEntry("etag", "e")
            .doesNotContainKeys("content-length", "digest");
      }
      Caller.Response declared = caller.get("/", "X-Mode: response declares holds");
      assertThat(declared.headers()).containsEntry("content-length", "5");
      assertThat(declared.body()).isEqualTo("HELLO");
      assertThat(caller.get("/").headers()).containsEntry("digest", "x");
    }
  }

  @Test
  void noTransformIsMadeWhereThereIsNoContent() throws Exception {
    try (Caller caller = running.caller()) {
      caller.send(Caller.request("HEAD", "/", "", "X-Mode: response"));
      assertThat(caller.receive(true).headers()).containsEntry("content-length", "5");
      assertThat(caller.get("/none", "X-Mode: response").status()).isEqualTo(204);
      assertThat(seen).isEmpty();
      caller.get("/", "X-Mode: request");
      assertThat(seen).doesNotContain("request end");
    }
  }

  @Test
  void requestTransformsAreSentChunkedOrWithTheirLength() throws Exception {
    try (Caller caller = running.caller()) {
      caller.post("/", "hello", "X-Mode: request", "Digest: x");
      assertThat(peer.heads.get(0))
          .containsEntry("transfer-encoding", "chunked")
          .doesNotContainKeys("content-length", "digest");
      caller.post("/", "hello", "X-Mode: request declares");
      assertThat(peer.heads.get(1))
          .containsEntry("content-length", "5")
          .doesNotContainKey("transfer-encoding");
      caller.send(
          Caller.request("POST", "/", "Transfer-Encoding: chunked\r\n", "X-Mode: request")
              + "2\r\nab\r\n1\r\nc\r\n0\r\nX-T: 1\r\n\r\n");
      caller.receive(false);
      assertThat(peer.bodies).containsExactly("HELLO", "HELLO", "ABC|{x-t=1}");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"response throws holds", "response declares-more holds swallows"})
  void aTransformThatFailsWithTheHeadInHandIsAnInternalError(String mode) throws Exception {
    try (Caller caller = running.caller()) {
      Caller.Response response = caller.get("/", "X-Mode: " + mode);
      assertThat(response.status()).isEqualTo(500);
      assertThat(response.body()).contains("internal_error");
      assertThat(caller.get("/").body()).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"response throws", "response declares-more", "streams short"})
  void aBodyThatFailsBehindTheHeadIsBrokenOff(String mode) throws Exception {
    try (Caller caller = running.caller()) {
      assertThatThrownBy(() -> caller.get("/", "X-Mode: " + mode)).isInstanceOf(IOException.class);
    }
    assertThat(running.platform.loaded().upstream("app").inFlight()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"request throws", "request declares-more"})
  void aRequestTransformThatFailsIsAnInternalError(String mode) throws Exception {
    try (Caller caller = running.caller()) {
      assertThat(caller.post("/", "hello", "X-Mode: " + mode).status()).isEqualTo(500);
    }
    assertThat(peer.bodies).isEmpty();
  }

  @Test
  void anUpstreamThatBreaksOffAbortsTheTransform() throws Exception {
    try (Caller caller = running.caller()) {
      assertThatThrownBy(() -> caller.get("/broken", "X-Mode: response"))
          .isInstanceOf(IOException.class);
    }
    await().untilAsserted(() -> assertThat(seen).contains("response abort"));
  }

  @Test
  void buffersTheRequestAndAnswersExpect() throws Exception {
    try (Caller caller = running.caller()) {
      caller.post("/", "hello", "X-Mode: buffers request");
      caller.send(
          Caller.request("POST", "/", "Transfer-Encoding: chunked\r\n", "X-Mode: buffers")
              + "2\r\nab\r\n");
      caller.send("1\r\nc\r\n0\r\n\r\n");
      caller.receive(false);
      assertThat(peer.bodies).containsExactly("HELLO", "abc");
      assertThat(seen).contains("buffered hello", "buffered abc");
      caller.send(
          Caller.request(
              "POST", "/", "Content-Length: 3\r\n", "X-Mode: buffers", "Expect: 100-continue"));
      assertThat(Peer.Wire.line(caller.in)).isEqualTo("HTTP/1.1 100 Continue");
      Peer.Wire.headers(caller.in);
      caller.send("xyz");
      assertThat(caller.receive(false).body()).isEqualTo("hello");
      assertThat(peer.heads.get(2)).doesNotContainKey("expect");
      caller.get("/", "X-Mode: buffers");
    }
    try (Caller caller = running.caller()) {
      assertThat(caller.post("/", "12345678901234567", "X-Mode: buffers").status()).isEqualTo(413);
    }
    try (Caller caller = running.caller()) {
      caller.send(
          Caller.request("POST", "/", "Transfer-Encoding: chunked\r\n", "X-Mode: buffers")
              + "11\r\n12345678901234567\r\n0\r\n\r\n");
      assertThat(caller.receive(false).status()).isEqualTo(413);
    }
    assertThat(peer.lines).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "response", "streams", "response expands"})
  void aSlowClientHoldsLittle(String mode) throws Exception {
    try (Caller caller = new Caller(running.port(), 64 * 1024)) {
      caller.send(Caller.request("GET", "/big", "", "X-Mode: " + mode));
      assertThat(Peer.Wire.line(caller.in)).endsWith("200 OK");
      boolean chunked = Peer.Wire.headers(caller.in).containsKey("transfer-encoding");
      long most = whileReading(() -> chunked ? readChunks(caller.in) : drain(caller.in, BIG), BIG);
      assertThat(most).isLessThan(2 * 1024 * 1024);
    }
  }

  private static long readChunks(InputStream in) throws IOException {
    long read = 0;
    for (int size = Integer.parseInt(Peer.Wire.line(in), 16); size > 0; ) {
      read += drain(in, size);
      Peer.Wire.line(in);
      size = Integer.parseInt(Peer.Wire.line(in), 16);
    }
    Peer.Wire.headers(in);
    return read;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "request"})
  void aSlowEndpointHoldsLittle(String mode) throws Exception {
    try (Caller caller = running.caller()) {
      peer.script =
          request -> {
            long read =
                mode.isEmpty() ? drain(request.content(), BIG) : readChunks(request.content());
            Peer.write(request, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n" + read);
          };
      caller.send(Caller.request("PUT", "/", "Content-Length: " + BIG + "\r\n", "X-Mode: " + mode));
      long most =
          whileReading(
              () -> {
                String piece = "x".repeat(64 * 1024);
                for (int sent = 0; sent < BIG; sent += piece.length()) {
                  caller.send(piece);
                }
                return Long.parseLong(caller.receive(false).body());
              },
              BIG);
      assertThat(most).isLessThan(2 * 1024 * 1024);
    }
  }

  private interface Transfer {
    long octets() throws IOException;
  }

  /** The most octets in use by buffers meanwhile. */
  private static long whileReading(Transfer transfer, long expected) throws Exception {
    AtomicLong most = new AtomicLong();
    long before = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    Thread watcher =
        new Thread(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                long now = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() - before;
                most.accumulateAndGet(now, Math::max);
                java.util.concurrent.locks.LockSupport.parkNanos(500_000);
              }
            });
    watcher.start();
    try {
      assertThat(transfer.octets()).isEqualTo(expected);
    } finally {
      watcher.interrupt();
      watcher.join(5_000);
    }
    return most.get();
  }
}
