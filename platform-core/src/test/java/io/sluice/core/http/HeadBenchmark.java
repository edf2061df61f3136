package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What heads cost a proxy: reading a request, writing it for the endpoint, and the same for the
 * answer. {@code small} is what a load generator sends, {@code browser} what people send.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class HeadBenchmark {

  private static final int MAX_BYTES = 32 * 1024;
  private static final int MAX_LINES = 100;
  private static final byte[] DATE = ascii("Thu, 01 Jan 2026 00:00:00 GMT");

  private static final String SMALL_REQUEST = "GET /small HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";

  private static final String BROWSER_REQUEST =
      """
      GET /catalogue/items/4711?page=2&sort=price HTTP/1.1
      Host: shop.example.com
      Connection: keep-alive
      Cache-Control: max-age=0
      Upgrade-Insecure-Requests: 1
      User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126
      Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8
      Sec-Fetch-Site: same-origin
      Sec-Fetch-Mode: navigate
      Referer: https://shop.example.com/catalogue
      Accept-Encoding: gzip, deflate, br, zstd
      Accept-Language: en-GB,en;q=0.9,de;q=0.8
      Cookie: session=6f1c2a9e4b7d4c1f8e3a5d2b9c0f7e61; theme=dark; consent=yes

      """
          .replace("\n", "\r\n");

  private static final String ANSWER =
      """
      HTTP/1.1 200 OK
      Server: nginx
      Date: Thu, 01 Jan 2026 00:00:00 GMT
      Content-Type: text/html; charset=utf-8
      Content-Length: 128
      Connection: keep-alive

      """
          .replace("\n", "\r\n");

  /** Which request is read. */
  @Param({"small", "browser"})
  public String head = "small";

  private final RequestParser requests = new RequestParser(MAX_BYTES, MAX_LINES, "http", true);
  private final ResponseParser responses = new ResponseParser(MAX_BYTES, MAX_LINES);
  private final RequestWriter writer = new RequestWriter();
  private final ParsedResponse response = new ParsedResponse();
  private final ForwardedLines forwarded = new ForwardedLines("192.0.2.1", "http", 8080, false);
  private final ByteBuf answerBytes = direct(ANSWER);
  private final ByteBuf out = Unpooled.directBuffer(MAX_BYTES, MAX_BYTES);
  private ByteBuf requestBytes = Unpooled.EMPTY_BUFFER;

  /** Reads both heads once, so that those that only write have something to write. */
  @Setup
  public void prepare() {
    requestBytes = direct(head.equals("small") ? SMALL_REQUEST : BROWSER_REQUEST);
    readRequest();
    readResponse();
  }

  /** Gives the buffers back. */
  @TearDown
  public void release() {
    requestBytes.release();
    answerBytes.release();
    out.release();
  }

  /** Octets to a checked request. */
  @Benchmark
  public ParsedRequest readRequest() {
    requests.reset();
    if (!requests.read(requestBytes.readerIndex(0))) {
      throw new IllegalStateException("the head is not whole");
    }
    return requests.request();
  }

  /** A request to octets for the endpoint. */
  @Benchmark
  public ByteBuf writeRequest() {
    ParsedRequest request = requests.request();
    writer.reset(request.framing).write(out.clear(), request, forwarded);
    return out;
  }

  /** Octets to a checked response. */
  @Benchmark
  public ParsedResponse readResponse() {
    responses.reset(response);
    if (!responses.read(answerBytes.readerIndex(0), false)) {
      throw new IllegalStateException("the head is not whole");
    }
    return response;
  }

  /** A response to octets for the client. */
  @Benchmark
  public ByteBuf writeResponse() {
    ResponseWriter.write(
        out.clear(), response, ResponseWriter.Body.AS_IS, ResponseWriter.Persistence.IMPLIED, DATE);
    return out;
  }

  private static ByteBuf direct(String text) {
    byte[] bytes = ascii(text);
    return Unpooled.directBuffer(bytes.length).writeBytes(bytes);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
