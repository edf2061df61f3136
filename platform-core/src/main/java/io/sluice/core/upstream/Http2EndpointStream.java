package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AsciiString;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HeaderName;
import io.sluice.api.upstream.ClientRequest;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.ForwardedLines;
import io.sluice.core.http.Framing;
import io.sluice.core.http.FramingException;
import io.sluice.core.http.Http2Fields;
import io.sluice.core.http.Http2MalformedException;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.http.RequestWriter;
import io.sluice.core.upstream.ResponseReceiver.Fate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request over HTTP/2. An upgrade goes out as extended CONNECT (RFC 8441), where the endpoint
 * takes that. Of a response that pauses, the window is given back when it resumes: the endpoint
 * sends no more than that window ahead of the client.
 */
final class Http2EndpointStream implements UpstreamStream {

  static final AsciiString HTTP = AsciiString.cached("http");
  static final AsciiString HTTPS = AsciiString.cached("https");

  private static final Logger log = LoggerFactory.getLogger(Http2EndpointStream.class);
  private static final HeaderName WEBSOCKET_KEY = HeaderName.of("Sec-WebSocket-Key");
  private static final long NO_LENGTH = -1;

  private final Http2EndpointConnection connection;
  private final boolean first;
  private @Nullable Http2Stream stream;
  private @Nullable ResponseReceiver receiver;
  private ParsedResponse response = new ParsedResponse();
  private boolean toHead;
  private @Nullable String tunnelKey;
  private int informational;
  private boolean headCame;
  private boolean whole;
  private @Nullable ByteHeaders trailers;
  private long left = NO_LENGTH;
  private boolean paused;
  private int owed;

  private @Nullable Gathered gathered; // while paused

  private long granted;
  private boolean touched;
  private boolean untouched;
  private boolean turnedAway;
  private @Nullable ErrorKind refused;
  private boolean over;
  private long readsBefore;

  /**
   * A stream that is not there yet.
   *
   * @param first whether its connection has served nobody before
   */
  Http2EndpointStream(Http2EndpointConnection connection, boolean first) {
    this.connection = connection;
    this.first = first;
  }

  // ---- the request ----

  @Override
  public EndpointState endpoint() {
    return connection.endpoint();
  }

  @Override
  public void begin(ResponseReceiver to, ParsedResponse target, boolean head) {
    receiver = to;
    response = target;
    toHead = head;
  }

  @Override
  public void head(
      RequestWriter writer,
      ParsedRequest request,
      ForwardedLines forwarded,
      @Nullable ByteBuf content,
      boolean last) {
    if (writer.upgrade() != null) {
      if (!connection.takes(writer.upgrade())) {
        log.warn(
            "{} does not take {} over HTTP/2: it allows no extended CONNECT (RFC 8441);"
                + " protocol = auto goes back to HTTP/1.1 for that",
            endpoint().id(),
            writer.upgrade());
        later(ErrorKind.BAD_RESPONSE);
        return;
      }
      String key = request.headers().get(WEBSOCKET_KEY);
      tunnelKey = key == null ? "" : key;
    }
    boolean ends = last && tunnelKey == null; // a tunnel ends when its client says so
    send(Http2Fields.request(writer, request, forwarded, connection.scheme()), content, ends);
  }

  @Override
  public void call(ClientRequest request) {
    Http2Headers head = RequestText.fields(request, endpoint().authority(), connection.scheme());
    ByteBuf content = request.body().length == 0 ? null : Unpooled.wrappedBuffer(request.body());
    send(head, content, true);
  }

  private void send(Http2Headers head, @Nullable ByteBuf content, boolean last) {
    boolean empty = content == null || !content.isReadable();
    ChannelHandlerContext context = connection.context();
    int id = connection.connection().local().incrementAndGetNextStreamId();
    readsBefore = connection.reads();
    connection.encoder().writeHeaders(context, id, head, 0, last && empty, context.newPromise());
    Http2Stream made = connection.connection().stream(id);
    stream = made;
    if (made == null) {
      // the connection went away, or its limit was lowered, a moment ago
      untouched = true;
      later(ErrorKind.CONNECTION_TERMINATED);
    } else {
      made.setProperty(connection.key(), this);
    }
    if (content != null && (empty || made == null)) {
      content.release();
    } else if (content != null) {
      connection.encoder().writeData(context, id, content, 0, last, context.newPromise());
    }
  }

  /** Fails it when the caller has returned. */
  private void later(ErrorKind kind) {
    connection
        .context()
        .executor()
        .execute(() -> fail(kind, untouched ? Fate.UNPROCESSED : Fate.UNKNOWN));
  }

  @Override
  public void data(ByteBuf content) {
    Http2Stream open = stream;
    if (open == null || over) {
      content.release();
      return;
    }
    ChannelHandlerContext context = connection.context();
    connection.encoder().writeData(context, open.id(), content, 0, false, context.newPromise());
  }

  @Override
  public void end(@Nullable ByteHeaders section) {
    Http2Stream open = stream;
    if (open == null || over) {
      return;
    }
    ChannelHandlerContext context = connection.context();
    if (section == null || section.size() == 0) {
      connection
          .encoder()
          .writeData(context, open.id(), Unpooled.EMPTY_BUFFER, 0, true, context.newPromise());
    } else {
      Http2Headers fields = Http2Fields.trailers(section);
      connection.encoder().writeHeaders(context, open.id(), fields, 0, true, context.newPromise());
    }
  }

  @Override
  public void flush() {
    if (!over) {
      connection.flush();
    }
  }

  @Override
  public boolean writable() {
    Http2Stream open = stream;
    return !over
        && !connection.gone()
        && (open == null || connection.encoder().flowController().isWritable(open));
  }

  /** Whether some waits for a window is known, how much is not: told by how the window grew. */
  @Override
  public long unsent() {
    Http2Stream open = stream;
    return open != null && !over && connection.encoder().flowController().hasFlowControlled(open)
        ? 1 + granted
        : 0;
  }

  /** The endpoint takes so many octets more. */
  void onWindow(int increment) {
    granted += increment;
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
    pass();
    Http2Stream open = stream;
    int octets = owed;
    if (octets == 0 || open == null || over) {
      return;
    }
    owed = 0;
    try {
      if (connection.decoder().flowController().consumeBytes(open, octets)) {
        connection.flush();
      }
    } catch (Http2Exception e) {
      connection.onError(connection.context(), true, e);
    }
  }

  @Override
  public void abort() {
    if (over || receiver == null) {
      return;
    }
    receiver = null;
    pass();
    if (!headCame && readsBefore == connection.reads() && stream != null) {
      connection.doubt();
    }
    giveUp();
  }

  @Override
  public void reset() {
    abort();
  }

  @Override
  public void drain() {
    abort();
  }

  @Override
  public void shutdownOutput() {
    end(null);
    flush();
  }

  @Override
  public Channel handOver() {
    throw new IllegalStateException("a stream is not a connection of its own");
  }

  /** Resets the stream, if it ever was one; then, or now, it is over. */
  private void giveUp() {
    Http2Stream open = stream;
    if (open == null) {
      onClosed();
    } else {
      reset(Http2Error.CANCEL);
    }
  }

  private void reset(Http2Error error) {
    Http2Stream open = stream;
    if (open != null && !over && !connection.gone()) {
      ChannelHandlerContext context = connection.context();
      connection.encoder().writeRstStream(context, open.id(), error.code(), context.newPromise());
      connection.flush();
    }
  }

  // ---- the response ----

  void onHeaders(Http2Headers fields, boolean endOfStream) {
    ResponseReceiver to = receiver;
    if (to == null) {
      return;
    }
    touch();
    try {
      if (headCame) {
        trailers = Http2Fields.readTrailers(fields);
      } else {
        connection.reader().read(fields, response, toHead, endOfStream, tunnelKey);
      }
    } catch (FramingException e) {
      refuse(e.kind());
      return;
    } catch (Http2MalformedException e) {
      refuse(ErrorKind.RESPONSE_BROKEN);
      return;
    }
    if (!headCame) {
      if (response.informational()) {
        onInformational(to);
        return;
      }
      headCame = true;
      left = response.framing() == Framing.LENGTH ? response.contentLength() : NO_LENGTH;
      to.onHead(response);
    }
    if (endOfStream) {
      ended();
    }
  }

  private void onInformational(ResponseReceiver to) {
    connection.informational();
    if (++informational > ResponseReceiver.MAX_INFORMATIONAL) {
      refuse(ErrorKind.BAD_RESPONSE);
    } else {
      to.onInformational(response);
    }
  }

  /** Answers how many octets of the window are given back at once. */
  int onData(ByteBuf data, int padding, boolean endOfStream) {
    int length = data.readableBytes();
    ResponseReceiver to = receiver;
    if (to == null) {
      return length + padding;
    }
    touch();
    if (!takes(length)) {
      refuse(headCame ? ErrorKind.RESPONSE_BROKEN : ErrorKind.BAD_RESPONSE);
      return length + padding;
    }
    if (paused) {
      gather(data);
    } else if (length > 0) {
      to.onData(data.retain());
    }
    if (endOfStream) {
      ended();
    }
    if (paused && !whole && receiver != null) {
      owed += length;
      return padding;
    }
    return length + padding;
  }

  /** Copies content that is going to wait. */
  private void gather(ByteBuf data) {
    Gathered to = gathered == null ? new Gathered() : gathered;
    gathered = to;
    int at = data.readerIndex();
    while (at < data.writerIndex() && receiver != null) {
      at += to.add(data, at);
      if (to.full()) {
        pass();
      }
    }
  }

  /** Passes on what was gathered, or lets go of it where nobody wants it any longer. */
  private void pass() {
    Gathered from = gathered;
    if (from == null) {
      return;
    }
    ByteBuf octets = receiver == null ? null : from.take();
    if (receiver != null && octets != null) {
      receiver.onData(octets);
    }
    if (receiver == null) {
      from.drop();
    }
  }

  /** Whether content of that length may come now (RFC 9113 §8.1.1). */
  private boolean takes(int length) {
    if (!headCame || length == 0) {
      return headCame;
    }
    if (left != NO_LENGTH) {
      left -= length;
      return left >= 0;
    }
    return response.status() == 101 || response.framing() != Framing.NONE;
  }

  private void ended() {
    if (receiver == null) {
      return; // given up by whom it was for
    }
    if (left > 0) {
      refuse(ErrorKind.RESPONSE_BROKEN);
      return;
    }
    whole = true;
    Http2Stream open = stream;
    if (open == null || open.state() != Http2Stream.State.HALF_CLOSED_LOCAL) {
      // The answer is there before the request was sent whole: the rest of that is not wanted.
      deliverEnd();
      reset(Http2Error.CANCEL);
    } // else the codec closes the stream next, which makes room first
  }

  private void deliverEnd() {
    pass();
    ResponseReceiver to = receiver;
    receiver = null;
    pass();
    if (to != null) {
      to.onEnd(trailers);
    }
  }

  /** What came is no proper response: the stream is reset. */
  private void refuse(ErrorKind kind) {
    refused = kind; // the reset may close it at once
    reset(Http2Error.PROTOCOL_ERROR);
    fail(kind, Fate.UNKNOWN);
  }

  /** The codec refuses what came, or what was to go out, and resets the stream next. */
  void willBeRefused(ErrorKind kind) {
    refused = kind;
  }

  /** It has done so. */
  void onRefused(ErrorKind kind, boolean outbound) {
    if (outbound) {
      later(kind);
    } else {
      fail(headCame ? ErrorKind.RESPONSE_BROKEN : kind, Fate.UNKNOWN);
    }
  }

  /** The endpoint reset the stream; the codec closes it next. */
  void onReset(long errorCode) {
    turnedAway = errorCode == Http2Error.REFUSED_STREAM.code() && !headCame;
  }

  /** The endpoint said by GOAWAY that it did not get to it. */
  void untouched() {
    untouched = true;
  }

  /** The stream is no more. */
  void onClosed() {
    if (over) {
      return;
    }
    over = true;
    owed = 0;
    connection.streamOver();
    if (whole) {
      deliverEnd();
    } else {
      broken();
    }
  }

  private void broken() {
    if (headCame) {
      fail(ErrorKind.RESPONSE_BROKEN, Fate.UNKNOWN);
      return;
    }
    ErrorKind fault = refused == null ? connection.fault() : refused;
    Fate fate = Fate.UNKNOWN;
    if (untouched) {
      fate = Fate.UNPROCESSED;
    } else if (turnedAway) {
      fate = Fate.REFUSED;
    } else if (connection.gone() && fault == null && !first && readsBefore == connection.reads()) {
      fate = Fate.STALE;
    }
    fail(fault == null || untouched || turnedAway ? ErrorKind.CONNECTION_TERMINATED : fault, fate);
  }

  private void fail(ErrorKind kind, Fate fate) {
    ResponseReceiver to = receiver;
    receiver = null;
    pass();
    if (stream == null) {
      onClosed();
    }
    if (to != null) {
      to.onFailure(kind, fate);
    }
  }

  private void touch() {
    if (!touched) {
      touched = true;
      connection.touched(this);
    }
  }

  void onReadComplete() {
    touched = false;
    pass();
    if (receiver != null) {
      receiver.onReadComplete();
    }
  }

  void onWritability(boolean writable) {
    if (receiver != null) {
      receiver.onWritability(writable);
    }
  }
}
