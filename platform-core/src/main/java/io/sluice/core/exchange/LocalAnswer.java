package io.sluice.core.exchange;

import io.netty.buffer.Unpooled;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.ResponseWriter;
import io.sluice.core.http.ErrorResponses;
import io.sluice.core.http.GrpcErrors;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.plugin.Fatal;
import io.sluice.core.route.FixedResponse;
import io.sluice.core.route.Redirect;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers that no endpoint gives: of a middleware, of a route, and the proxy's own errors. Prepares
 * the response head and hands content to {@link ResponseSender}, which holds it until every
 * middleware has seen the head. Reused from exchange to exchange, on their event loop.
 */
final class LocalAnswer {

  private static final byte[] EMPTY = {};

  private final HttpExchange exchange;
  private @Nullable Consumer<ResponseWriter> streaming;
  private String streamedBy = "";
  private @Nullable LiveWriter writer;
  private boolean prepared;
  private long retryAfterSeconds;

  LocalAnswer(HttpExchange exchange) {
    this.exchange = exchange;
  }

  void begin() {
    streaming = null;
    retryAfterSeconds = 0;
  }

  /** The next error of the proxy's own tells the client when to come back; 0 for the usual. */
  void retryAfter(long nanos) {
    retryAfterSeconds = TimeUnit.NANOSECONDS.toSeconds(nanos + TimeUnit.SECONDS.toNanos(1) - 1);
  }

  Flow respond(int status, Map<String, String> headers, byte[] body) {
    head(status);
    headers.forEach((name, value) -> exchange.responseHead().headers().add(name, value));
    body(body);
    return Flow.RESPONDED;
  }

  Flow respondStreaming(int status, Map<String, String> headers, Consumer<ResponseWriter> started) {
    head(status);
    headers.forEach((name, value) -> exchange.responseHead().headers().add(name, value));
    String length = exchange.responseHead().headers().get("Content-Length");
    if (length == null) {
      exchange.responseSender.source(Downstream.Content.OPEN, -1);
    } else {
      exchange.responseSender.source(Downstream.Content.DELIMITED, Long.parseLong(length));
    }
    streaming = started;
    streamedBy = exchange.chain.currentName();
    exchange.responseSender.writtenBy(streamedBy);
    return Flow.RESPONDED;
  }

  Flow refuse(ErrorKind kind, Map<String, String> headers) {
    error(kind, null);
    headers.forEach((name, value) -> exchange.responseHead().headers().set(name, value));
    return Flow.RESPONDED;
  }

  /** What the route itself answers. */
  void respond(FixedResponse fixed) {
    head(fixed.status());
    fixed.writeTo(exchange.responseHead().headers());
    body(fixed.body());
    send();
  }

  /** Where the route sends clients. */
  void respond(Redirect redirect) {
    head(redirect.status());
    exchange.responseHead().headers().set("Location", redirect.location(exchange.request()));
    body(EMPTY);
    send();
  }

  /** Prepares an error of the proxy's own. */
  void error(ErrorKind kind, @Nullable String message) {
    ParsedRequest request = exchange.request();
    if (!request.extendedConnect() && GrpcErrors.isCall(request.headers())) {
      head(200);
      GrpcErrors.write(exchange.responseHead().headers(), kind, exchange.id(), message);
      retryAfterSeconds = 0;
      body(EMPTY);
      return;
    }
    ErrorResponses.ErrorResponse error =
        ErrorResponses.of(
            kind, exchange.id(), exchange.request().headers().get(ExchangeView.ACCEPT), message);
    head(error.status());
    if (retryAfterSeconds > 0) {
      exchange.responseHead().headers().set("Retry-After", Long.toString(retryAfterSeconds));
      retryAfterSeconds = 0;
    }
    error.writeTo(exchange.responseHead().headers());
    body(error.body());
  }

  private void head(int status) {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("not a final status: " + status);
    }
    drop();
    exchange.attempts.cancel();
    exchange.responseHead().start(status);
    exchange.responseExists();
    prepared = true;
  }

  private void body(byte[] body) {
    ResponseSender sender = exchange.responseSender;
    sender.source(
        body.length == 0 ? Downstream.Content.NONE : Downstream.Content.DELIMITED, body.length);
    int status = exchange.responseHead().status();
    if (status != 204 && status != 304) {
      exchange.responseHead().headers().set("Content-Length", Integer.toString(body.length));
    }
    if (body.length > 0) {
      sender.received(Unpooled.wrappedBuffer(body));
    }
    sender.receivedEnd(null);
  }

  /** Forgets an answer that was prepared and not sent. */
  void drop() {
    exchange.responseSender.release();
    exchange.responseSender.restart();
    streaming = null;
  }

  /** The answer is prepared: passes it by the response steps. */
  void send() {
    if (!exchange.hasResponse()) {
      exchange.chain.failed(
          new IllegalStateException("answered RESPONDED without calling respond"));
      return;
    }
    exchange.requestSender.body().settle();
    exchange.stepDeadline.clear();
    exchange.responding.startSteps();
  }

  /** Whether an answer was prepared since this was last asked. */
  boolean takePrepared() {
    boolean was = prepared;
    prepared = false;
    return was;
  }

  /** Who writes the content of the response whose head is about to be sent, or null; once. */
  @Nullable Consumer<ResponseWriter> takeStreaming() {
    Consumer<ResponseWriter> taken = streaming;
    streaming = null;
    return taken;
  }

  /** The head is sent: lets {@code started} write. */
  void startWriter(Consumer<ResponseWriter> started) {
    LiveWriter made = new LiveWriter(exchange, streamedBy);
    writer = made;
    try {
      started.accept(made);
    } catch (Throwable e) {
      Fatal.rethrow(e);
      made.fail(e);
    }
  }

  /** The client's socket has room again. */
  void roomCame() {
    if (writer != null) {
      writer.roomCame();
    }
  }

  /** Lets go of everything. */
  void release() {
    LiveWriter left = writer;
    if (left != null) {
      left.over();
      writer = null;
    }
  }
}
