package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ProxyError;
import io.sluice.api.http.HeaderName;
import io.sluice.api.http.Headers;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.Known;
import io.sluice.core.http.ParsedResponse;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The response half: head and content on their way to the client. Holds content back while
 * middleware still decides about the head. On the exchange's event loop.
 */
final class ResponseSender implements BodyConsumer {

  private static final HeaderName CONTENT_LENGTH = Known.name(Known.CONTENT_LENGTH);

  /** What a transform makes untrue (RFC 9530, RFC 9110 §8.6). */
  private static final long DIGESTS =
      Known.set(
          Known.CONTENT_LENGTH,
          Known.CONTENT_MD5,
          Known.DIGEST,
          Known.CONTENT_DIGEST,
          Known.REPR_DIGEST);

  private final HttpExchange exchange;
  private final ArrayDeque<ByteBuf> held = new ArrayDeque<>(4);
  private @Nullable BodyPipeline pipeline;
  private boolean headSent;
  private boolean inputEnded;
  private boolean ended;
  private boolean contentWanted;
  private boolean headWaits;
  private Downstream.Content source = Downstream.Content.NONE;
  private long sourceLength;
  private Downstream.Content content = Downstream.Content.NONE;
  private @Nullable ByteHeaders trailers;
  private long sent;
  private long expected = -1;
  private boolean transformsAsked;
  private String writtenBy = "";

  ResponseSender(HttpExchange exchange) {
    this.exchange = exchange;
  }

  void begin() {
    restart();
    transformsAsked = false;
  }

  /** Forgets a response that was prepared and whose head was not sent. */
  void restart() {
    pipeline = null;
    expected = -1;
    headSent = false;
    headWaits = false;
    inputEnded = false;
    ended = false;
    contentWanted = false;
    trailers = null;
    sent = 0;
  }

  boolean headSent() {
    return headSent;
  }

  long sent() {
    return sent;
  }

  /** Whether every octet of the response is queued. */
  boolean ended() {
    return ended;
  }

  /**
   * What content the response comes with.
   *
   * @param length its octets, or −1
   */
  void source(Downstream.Content source, long length) {
    this.source = source;
    this.sourceLength = length;
  }

  /** The plugin whose content it is, as the log names it. */
  void writtenBy(String plugin) {
    writtenBy = plugin;
  }

  /** Sends the head, and the content that waited for it. */
  void sendHead(ParsedResponse head) {
    Downstream.Content content = source;
    boolean bodyless =
        exchange.request().method().equals("HEAD")
            || head.status() == 204
            || head.status() == 304
            || head.status() == 101;
    contentWanted = !bodyless && source != Downstream.Content.NONE;
    if (bodyless) {
      content = Downstream.Content.NONE;
      if (head.status() == 204) {
        head.headers().removeAll(Known.set(Known.CONTENT_LENGTH));
      }
    } else if (contentWanted) {
      content = withTransforms(head, source);
    }
    if (!bodyless && exchange.chain.ran() > 0) {
      guardLength(head, content, source == content ? sourceLength : -1);
    }
    if (pipeline == null && contentWanted && content == Downstream.Content.DELIMITED) {
      expected = sourceLength;
    }
    this.content = content;
    if (pipeline == null || !headWaits) {
      writeHead(head);
    }
    deliverHeld();
  }

  private void writeHead(ParsedResponse head) {
    headSent = true;
    headWaits = false;
    exchange.downstream().writeHead(head, content);
  }

  private Downstream.Content withTransforms(ParsedResponse head, Downstream.Content source) {
    if (transformsAsked) {
      return source;
    }
    transformsAsked = true;
    List<BodyPipeline.Named> transforms = exchange.sideSteps.responseTransforms();
    if (transforms.isEmpty()) {
      return source;
    }
    head.headers().removeAll(DIGESTS);
    pipeline = new BodyPipeline(transforms, this);
    for (BodyPipeline.Named transform : transforms) {
      headWaits |= exchange.sideSteps.holdsHead(transform);
    }
    BodyPipeline.Named last = transforms.get(transforms.size() - 1);
    writtenBy = last.plugin();
    long declared = exchange.sideSteps.contentLength(last);
    if (declared < 0) {
      return Downstream.Content.OPEN;
    }
    expected = declared;
    head.headers().set(CONTENT_LENGTH, Long.toString(declared));
    return Downstream.Content.DELIMITED;
  }

  /** Middleware may have written a length: only the true one may go out. */
  private static void guardLength(ParsedResponse head, Downstream.Content content, long length) {
    switch (content) {
      case NONE -> {
        if (head.headers().has(Known.CONTENT_LENGTH) || length == 0) {
          head.headers().set(CONTENT_LENGTH, "0");
        }
      }
      case DELIMITED -> {
        if (length >= 0) {
          head.headers().set(CONTENT_LENGTH, Long.toString(length));
        }
      }
      case OPEN -> head.headers().removeAll(Known.set(Known.CONTENT_LENGTH));
    }
  }

  /** Content from where the response comes from; takes it over. */
  void received(ByteBuf data) {
    if (!headSent && !headWaits) {
      held.add(data);
    } else if (!contentWanted) {
      data.release();
    } else if (pipeline != null) {
      pipeline.data(data);
    } else {
      data(data);
    }
  }

  /** That was all of it. */
  void receivedEnd(@Nullable ByteHeaders section) {
    inputEnded = true;
    trailers = section;
    if (headSent || headWaits) {
      endInput();
    }
  }

  private void deliverHeld() {
    for (ByteBuf next = held.poll(); next != null; next = held.poll()) {
      received(next);
    }
    if (inputEnded) {
      endInput();
    }
  }

  private void endInput() {
    if (pipeline != null) {
      pipeline.end(trailers);
    } else {
      end(trailers);
    }
  }

  @Override
  public void data(ByteBuf data) {
    if (expected >= 0 && sent + data.readableBytes() > expected) {
      data.release();
      wrongLength("more");
      return;
    }
    if (headWaits) {
      writeHead(exchange.responseHead());
    }
    sent += data.readableBytes();
    if (exchange.phase() == Phase.TUNNEL) {
      exchange.tunnel.passes(data);
    }
    exchange.downstream().writeData(data);
  }

  @Override
  public void end(@Nullable ByteHeaders section) {
    if (ended) {
      return;
    }
    if (expected >= 0 && sent < expected) {
      wrongLength("less");
      return;
    }
    ended = true;
    if (headWaits) {
      writeHead(exchange.responseHead());
    }
    if (section != null) {
      try {
        exchange.sideSteps.trailers((Headers) section);
      } catch (ProxyError e) {
        exchange.fail(e);
        return;
      }
    }
    exchange.downstream().writeEnd(section);
    exchange.ending.responseSent();
  }

  @Override
  public void fail(String plugin, Throwable cause) {
    exchange.transformFailed(plugin, cause);
  }

  private void wrongLength(String which) {
    fail(
        writtenBy,
        new IllegalStateException(which + " content than the declared " + expected + " octets"));
  }

  @Override
  public boolean ready() {
    return exchange.downstream().writable();
  }

  /** The head 101 went out: octets pass untouched from now on. */
  void startTunnel() {
    headSent = true;
    contentWanted = true;
    content = Downstream.Content.OPEN;
    deliverHeld();
  }

  /** There is room again. */
  void demand() {
    if (pipeline != null) {
      pipeline.demand();
    }
  }

  /** Content that waits for the head. */
  boolean holding() {
    return !held.isEmpty();
  }

  /** Lets go of everything. */
  void release() {
    if (pipeline != null) {
      pipeline.abort();
      pipeline = null;
    }
    for (ByteBuf next = held.poll(); next != null; next = held.poll()) {
      next.release();
    }
  }
}
