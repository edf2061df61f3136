package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.upstream.ClientRequest;
import io.sluice.api.upstream.ClientResponse;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.ProbeTarget;
import io.sluice.core.http.BodyDecoder;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.FramingException;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.http.ResponseParser;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.transport.tls.ClientTls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Makes the connections of active checks: a fresh one for each probe. */
final class Prober {

  static final int MAX_BYTES = 64 * 1024;

  private final EventLoops loops;
  private final Resolvers resolvers;
  private final UpstreamConfig config;
  private final @Nullable ClientTls tls;

  Prober(EventLoops loops, Resolvers resolvers, UpstreamConfig config, @Nullable ClientTls tls) {
    this.loops = loops;
    this.resolvers = resolvers;
    this.config = config;
    this.tls = tls;
  }

  Target target(EndpointState endpoint, Duration timeout) {
    return new Target(endpoint, timeout);
  }

  /** One probe's way to its endpoint. */
  final class Target implements ProbeTarget {
    private final EndpointState endpoint;
    private final Duration timeout;
    private final ProxyProtocol proxyProtocol;
    private volatile @Nullable Channel channel;
    private volatile boolean closed;

    Target(EndpointState endpoint, Duration timeout) {
      this.endpoint = endpoint;
      this.timeout = timeout;
      this.proxyProtocol = config.proxyProtocol();
    }

    @Override
    public Endpoint endpoint() {
      return endpoint;
    }

    void close() {
      closed = true;
      Channel open = channel;
      if (open != null) {
        open.close();
      }
    }

    @Override
    public CompletionStage<ClientResponse> http(ClientRequest request) {
      CompletableFuture<ClientResponse> answer = new CompletableFuture<>();
      if (config.multiplexes()) {
        connect(new byte[0], new EitherAnswer(answer, request));
      } else {
        byte[] octets = RequestText.of(request, endpoint.authority(), true);
        connect(octets, new HttpAnswer(answer, request.method().equals("HEAD")));
      }
      return answer;
    }

    @Override
    public CompletionStage<byte[]> exchange(byte[] send, int maxBytes, Predicate<byte[]> enough) {
      CompletableFuture<byte[]> answer = new CompletableFuture<>();
      connect(send, new RawAnswer(answer, maxBytes, enough));
      return answer;
    }

    private void connect(byte[] send, Answer answer) {
      int timeoutMillis = (int) Math.min(Integer.MAX_VALUE, timeout.toMillis());
      Dialer dialer = new Dialer(loops, loops.group().next());
      SocketAddress to = endpoint.socketAddress();
      Made made = new Made(send, answer);
      dialer
          .loop()
          .execute(
              () -> {
                if (to instanceof InetSocketAddress name && name.isUnresolved()) {
                  Connector.connect(dialer, resolvers, name, timeoutMillis, answer, made);
                } else {
                  dialer.dial(to, timeoutMillis, answer, made);
                }
              });
    }

    private void connected(Channel made, byte[] send, Answer answer) {
      channel = made;
      if (closed) {
        made.close();
        return;
      }
      ByteBuf header = proxyProtocol.ownHeader(made.alloc());
      if (header != null) {
        made.writeAndFlush(header);
      }
      EndpointAddress address = endpoint.address();
      if (!config.secures(address)) {
        ready(made, send, answer);
        made.config().setAutoRead(true);
        return;
      }
      ClientTls secures = tls;
      SslHandler handler =
          secures == null
              ? null
              : secures.newHandler(
                  made.alloc(),
                  endpoint.serverName(),
                  address.port(),
                  Math.max(1, timeout.toMillis()),
                  false);
      if (handler == null) {
        answer.fail(new IOException("TLS is not set up"));
        made.close();
        return;
      }
      made.pipeline().addFirst("tls", handler);
      handler
          .handshakeFuture()
          .addListener(
              done -> {
                if (done.isSuccess()) {
                  ready(made, send, answer);
                } else {
                  answer.fail(done.cause());
                  made.close();
                }
              });
      made.config().setAutoRead(true);
    }

    private void ready(Channel open, byte[] send, Answer answer) {
      if (send.length > 0) {
        open.writeAndFlush(Unpooled.wrappedBuffer(send));
      }
      answer.connected(open);
    }

    /** Speaks HTTP/2 where that is said or agreed on, and HTTP/1.1 where it is not. */
    private final class EitherAnswer extends Answer {
      private final CompletableFuture<ClientResponse> answer;
      private final ClientRequest request;

      EitherAnswer(CompletableFuture<ClientResponse> answer, ClientRequest request) {
        this.answer = answer;
        this.request = request;
      }

      @Override
      void connected(Channel made) {
        SslHandler handler = made.pipeline().get(SslHandler.class);
        boolean http2 =
            handler == null
                ? config.protocol() == UpstreamConfig.Protocol.HTTP2
                : "h2".equals(handler.applicationProtocol());
        if (http2) {
          Secured secured =
              handler == null ? null : new Secured(handler, null, endpoint.serverName());
          Http2Probe probe = new Http2Probe(request, answer);
          LoopContext loop = loops.contextOf(made.eventLoop());
          made.pipeline()
              .addLast(Http2EndpointConnection.of(probe, endpoint, loop, config.http2(), secured));
        } else if (config.protocol() == UpstreamConfig.Protocol.HTTP2) {
          fail(new IOException("does not agree on h2 by ALPN"));
          made.close();
        } else {
          made.pipeline().addLast(new HttpAnswer(answer, request.method().equals("HEAD")));
          byte[] octets = RequestText.of(request, endpoint.authority(), true);
          made.writeAndFlush(Unpooled.wrappedBuffer(octets));
        }
      }

      @Override
      void fail(@Nullable Throwable cause) {
        answer.completeExceptionally(cause == null ? new IOException("failed") : cause);
      }
    }

    /** What becomes of a connection. */
    private final class Made implements Dialer.Done {
      private final byte[] send;
      private final Answer answer;

      Made(byte[] send, Answer answer) {
        this.send = send;
        this.answer = answer;
      }

      @Override
      public void connected(Channel made) {
        Target.this.connected(made, send, answer);
      }

      @Override
      public void failed(Throwable cause) {
        answer.fail(cause);
      }
    }
  }

  private abstract static class Answer extends ChannelInboundHandlerAdapter {

    abstract void fail(@Nullable Throwable cause);

    void connected(Channel channel) {}

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      fail(cause);
      context.close();
    }
  }

  private static final class HttpAnswer extends Answer implements BodyDecoder.Sink {
    private final CompletableFuture<ClientResponse> answer;
    private final boolean toHead;
    private final ResponseParser parser = new ResponseParser(MAX_BYTES, 200);
    private final BodyDecoder decoder = new BodyDecoder(ErrorKind.BAD_RESPONSE, MAX_BYTES);
    private final ParsedResponse response = new ParsedResponse();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable ByteHeaders section;
    private boolean headCame;

    HttpAnswer(CompletableFuture<ClientResponse> answer, boolean toHead) {
      this.answer = answer;
      this.toHead = toHead;
      parser.reset(response);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf in = (ByteBuf) message;
      try {
        consume(in);
      } catch (FramingException e) {
        fail(e);
      } finally {
        in.release();
      }
    }

    private void consume(ByteBuf in) {
      while (!headCame && in.isReadable()) {
        if (!parser.read(in, toHead)) {
          return;
        }
        if (response.informational()) {
          parser.reset(response);
        } else {
          headCame = true;
          decoder.reset(response.framing(), response.contentLength(), Long.MAX_VALUE);
        }
      }
      if (headCame && !decoder.done()) {
        decoder.decode(in, this);
      }
      if (headCame && decoder.done()) {
        complete();
      }
    }

    @Override
    public void onData(ByteBuf data) {
      try {
        int room = Math.min(data.readableBytes(), MAX_BYTES - body.size());
        data.readBytes(body, room);
        if (body.size() == MAX_BYTES) {
          complete();
        }
      } catch (IOException e) {
        throw new IllegalStateException("memory does not fail so", e);
      } finally {
        data.release();
      }
    }

    @Override
    public void onEnd(@Nullable ByteHeaders trailers) {
      section = trailers;
      complete();
    }

    private void complete() {
      answer.complete(RequestText.response(response, body.toByteArray(), section));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (headCame && !answer.isDone()) {
        try {
          decoder.inputClosed(this);
        } catch (FramingException e) {
          fail(e);
        }
      }
      fail(new IOException("closed before the response was whole"));
    }

    @Override
    void fail(@Nullable Throwable cause) {
      answer.completeExceptionally(cause == null ? new IOException("failed") : cause);
    }
  }

  private static final class RawAnswer extends Answer {
    private final CompletableFuture<byte[]> answer;
    private final int maxBytes;
    private final Predicate<byte[]> enough;
    private final ByteArrayOutputStream came = new ByteArrayOutputStream();

    RawAnswer(CompletableFuture<byte[]> answer, int maxBytes, Predicate<byte[]> enough) {
      this.answer = answer;
      this.maxBytes = maxBytes;
      this.enough = enough;
    }

    @Override
    void connected(Channel channel) {
      if (maxBytes == 0) {
        answer.complete(new byte[0]);
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
      ByteBuf in = (ByteBuf) message;
      try {
        in.readBytes(came, Math.min(in.readableBytes(), maxBytes - came.size()));
      } finally {
        in.release();
      }
      byte[] soFar = came.toByteArray();
      if (soFar.length >= maxBytes || enough.test(soFar)) {
        answer.complete(soFar);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      answer.complete(came.toByteArray());
    }

    @Override
    void fail(@Nullable Throwable cause) {
      answer.completeExceptionally(cause == null ? new IOException("failed") : cause);
    }
  }
}
