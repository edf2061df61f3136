package io.sluice.plugin.testkit;

import io.sluice.api.middleware.BodyTransform;
import io.sluice.api.middleware.Middleware;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The two bodies of one exchange, each on its way through the transforms of a chain. */
final class RunBodies {

  /** What the core drops where a transform may change the octets. */
  private static final List<String> STALE =
      List.of("Content-Length", "Content-MD5", "Digest", "Content-Digest", "Repr-Digest");

  private final FakeExchange exchange;
  private @Nullable BodyPipe request;
  private @Nullable BodyPipe response;

  RunBodies(FakeExchange exchange) {
    this.exchange = exchange;
  }

  /** Asks the chain for transforms, if there is content, and sends it through them. */
  void forward(List<Middleware> chain, List<byte[]> content) {
    List<BodyTransform> transforms =
        content.isEmpty()
            ? List.of()
            : transforms(chain, middleware -> middleware.requestBody(exchange));
    BodyPipe pipe = new BodyPipe(transforms, new Ignoring());
    request = pipe;
    content.forEach(pipe::feed);
    pipe.end(null);
  }

  /** Asks the chain, in the order given, for transforms of a response with content. */
  BodyPipe respond(List<Middleware> chain, FakeResponse head, BodyPipe.Listener listener) {
    List<BodyTransform> transforms =
        hasContent(head)
            ? transforms(chain, middleware -> middleware.responseBody(exchange))
            : List.of();
    if (!transforms.isEmpty()) {
      STALE.forEach(head.headers()::remove);
      long length = transforms.get(transforms.size() - 1).contentLength();
      if (length >= 0) {
        head.headers().set("Content-Length", Long.toString(length));
      }
    }
    BodyPipe pipe = new BodyPipe(transforms, listener);
    response = pipe;
    return pipe;
  }

  /** Whether a response with that head has content to this request (RFC 9110 §6.4.1). */
  boolean hasContent(FakeResponse head) {
    return !exchange.request().method().equals("HEAD")
        && head.status() != 204
        && head.status() != 304;
  }

  void abort() {
    BodyPipe pipe = response;
    if (pipe != null) {
      pipe.abort();
    }
  }

  byte[] requestOutput() {
    BodyPipe pipe = request;
    return pipe == null ? new byte[0] : pipe.output();
  }

  byte[] responseOutput() {
    BodyPipe pipe = response;
    return pipe == null ? new byte[0] : pipe.output();
  }

  private static List<BodyTransform> transforms(
      List<Middleware> chain, Function<Middleware, @Nullable BodyTransform> ask) {
    List<BodyTransform> transforms = new ArrayList<>();
    for (Middleware middleware : chain) {
      BodyTransform transform = ask.apply(middleware);
      if (transform != null) {
        transforms.add(transform);
      }
    }
    return transforms;
  }

  private static final class Ignoring implements BodyPipe.Listener {
    @Override
    public void onEnd(io.sluice.api.http.@Nullable Headers trailers) {}

    @Override
    public void onFailure(Throwable cause) {
      throw new IllegalStateException("a transform failed the request", cause);
    }
  }
}
