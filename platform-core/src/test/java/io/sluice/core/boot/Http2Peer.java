package io.sluice.core.boot;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** An endpoint that speaks HTTP/2, answers by script, and can break every rule of it. */
final class Http2Peer implements AutoCloseable {

  /** What it does with a request. On the event loop of the peer. */
  interface Script {
    void serve(Call call);
  }

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel server;
  private final Http2Settings settings;
  volatile @Nullable SslContext tls;
  private final boolean eager;
  final List<Connection> connections = new CopyOnWriteArrayList<>();
  final AtomicInteger http1Connections = new AtomicInteger();

  /** Of HTTP/1.1, no request is answered before there are so many connections. */
  volatile int http1Together = 1;

  private final List<Runnable> http1Held = new ArrayList<>();
  final List<Call> calls = new CopyOnWriteArrayList<>();
  volatile Script script;

  private Http2Peer(
      Script script, Http2Settings settings, @Nullable SslContext tls, boolean eager) {
    this.script = script;
    this.settings = settings;
    this.tls = tls;
    this.eager = eager;
    try {
      server =
          new ServerBootstrap()
              .group(group)
              .channel(NioServerSocketChannel.class)
              .childHandler(new Init())
              .bind(InetAddress.getByName("127.0.0.1"), 0)
              .syncUninterruptibly()
              .channel();
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  static Http2Peer of(Script script) {
    return new Http2Peer(script, new Http2Settings(), null, false);
  }

  static Http2Peer of(Script script, Http2Settings settings) {
    return new Http2Peer(script, settings, null, false);
  }

  static Http2Peer secure(Script script, SslContext tls) {
    return new Http2Peer(script, new Http2Settings(), tls, false);
  }

  static Http2Peer secure(Script script, Http2Settings settings, SslContext tls) {
    return new Http2Peer(script, settings, tls, true);
  }

  /** TLS with a certificate of its own, that agrees on one of these protocols or on none. */
  static SslContext tls(String... protocols) throws Exception {
    X509Bundle bundle =
        new CertificateBuilder()
            .subject("CN=localhost")
            .addSanIpAddress("127.0.0.1")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    SslContextBuilder builder = SslContextBuilder.forServer(bundle.toKeyManagerFactory());
    if (protocols.length > 0) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              ApplicationProtocolConfig.Protocol.ALPN,
              ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
              ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
              protocols));
    }
    return builder.build();
  }

  /** Serves each request as soon as its head is there. */
  static Http2Peer eager(Script script, Http2Settings settings) {
    return new Http2Peer(script, settings, null, true);
  }

  static Http2Peer saying(String text) {
    return of(call -> call.answer(200, text));
  }

  int port() {
    return ((InetSocketAddress) server.localAddress()).getPort();
  }

  String address() {
    return "127.0.0.1:" + port();
  }

  long open() {
    return connections.stream().filter(connection -> connection.channel.isActive()).count();
  }

  @Override
  public void close() {
    server.close().syncUninterruptibly();
    connections.forEach(connection -> connection.channel.close());
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class Init extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      SslContext secures = tls;
      if (secures == null) {
        speakHttp2(channel);
        return;
      }
      channel
          .pipeline()
          .addLast(secures.newHandler(channel.alloc()))
          .addLast(
              new ApplicationProtocolNegotiationHandler("http/1.1") {
                @Override
                protected void configurePipeline(ChannelHandlerContext context, String protocol) {
                  if (protocol.equals("h2")) {
                    speakHttp2(context.channel());
                  } else {
                    context.pipeline().addLast(new Http1());
                  }
                }
              });
    }

    private void speakHttp2(Channel channel) {
      Connection connection = new Connection(channel);
      channel
          .pipeline()
          .addLast(
              Http2FrameCodecBuilder.forServer()
                  .initialSettings(settings)
                  .encoderIgnoreMaxHeaderListSize(true)
                  .decoderEnforceMaxRstFramesPerWindow(0, 0)
                  .build())
          .addLast(connection);
      connections.add(connection);
    }
  }

  /** A connection on which TLS agreed on HTTP/1.1: 200, or 101 and what comes is sent back. */
  private final class Http1 extends ChannelInboundHandlerAdapter {
    private final StringBuilder head = new StringBuilder();
    private boolean echoes;

    Http1() {
      http1Connections.incrementAndGet();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (echoes) {
        context.writeAndFlush(message);
        return;
      }
      ByteBuf in = (ByteBuf) message;
      head.append(in.toString(StandardCharsets.ISO_8859_1));
      in.release();
      if (head.indexOf("\r\n\r\n") < 0) {
        return;
      }
      echoes = head.toString().toLowerCase(Locale.ROOT).contains("\r\nupgrade: websocket\r\n");
      head.setLength(0);
      String answer =
          echoes
              ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                  + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
              : "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nHTTP/1.1";
      synchronized (http1Held) {
        http1Held.add(
            () ->
                context.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.ISO_8859_1)));
        if (http1Connections.get() >= http1Together) {
          http1Held.forEach(Runnable::run);
          http1Held.clear();
        }
      }
    }
  }

  /** One connection. */
  final class Connection extends ChannelInboundHandlerAdapter {
    final Channel channel;
    private final Map<Integer, Call> open = new ConcurrentHashMap<>();

    Connection(Channel channel) {
      this.channel = channel;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      try {
        if (message instanceof Http2HeadersFrame head) {
          Call call = open.get(head.stream().id());
          if (call == null) {
            call = new Call(this, head.stream(), head.headers());
            open.put(head.stream().id(), call);
            calls.add(call);
          } else {
            call.trailers = head.headers();
          }
          serveIf(head.isEndStream() || (eager && call.trailers == null), call);
        } else if (message instanceof Http2DataFrame data) {
          Call call = open.get(data.stream().id());
          if (call != null) {
            call.received(data.content().toString(StandardCharsets.ISO_8859_1));
            context.write(
                new DefaultHttp2WindowUpdateFrame(data.initialFlowControlledBytes())
                    .stream(data.stream()));
            serveIf(data.isEndStream() && !eager, call);
            call.ended |= data.isEndStream();
          }
        } else if (message instanceof Http2ResetFrame reset) {
          Call call = open.get(reset.stream().id());
          if (call != null) {
            call.resetBy = reset.errorCode();
          }
        }
      } finally {
        ReferenceCountUtil.release(message);
      }
    }

    private void serveIf(boolean now, Call call) {
      if (now) {
        script.serve(call);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }

    /** Hears nothing any more and says nothing, from now on; the socket stays open. */
    void mute() {
      ChannelInboundHandlerAdapter deaf =
          new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
              ReferenceCountUtil.release(message);
            }
          };
      // added from outside it would be passed over until the event loop comes to it
      channel.eventLoop().submit(() -> channel.pipeline().addFirst(deaf)).syncUninterruptibly();
    }

    /** Writes octets past the codec. */
    void raw(byte[] octets) {
      ByteBuf frame = Unpooled.wrappedBuffer(octets);
      channel
          .eventLoop()
          .execute(() -> channel.pipeline().context(Http2FrameCodec.class).writeAndFlush(frame));
    }

    /** GOAWAY, whatever came before. */
    void goAway(int last, Http2Error error) {
      raw(frame(7, 0, 0, Unpooled.buffer().writeInt(last).writeInt((int) error.code())));
    }
  }

  /** A frame as octets (RFC 9113 §4.1). */
  static byte[] frame(int type, int flags, int stream, ByteBuf payload) {
    ByteBuf frame = Unpooled.buffer();
    frame.writeMedium(payload.readableBytes()).writeByte(type).writeByte(flags).writeInt(stream);
    frame.writeBytes(payload);
    byte[] octets = new byte[frame.readableBytes()];
    frame.readBytes(octets);
    return octets;
  }

  /** One request. */
  static final class Call {
    final Connection connection;
    final Http2FrameStream stream;
    final Http2Headers head;
    private final AtomicReference<String> body = new AtomicReference<>("");
    volatile @Nullable Http2Headers trailers;
    volatile boolean ended;
    volatile long resetBy = -1;

    private Call(Connection connection, Http2FrameStream stream, Http2Headers head) {
      this.connection = connection;
      this.stream = stream;
      this.head = head;
    }

    private void received(String content) {
      body.accumulateAndGet(content, String::concat);
    }

    /** The content so far. */
    String body() {
      return body.get();
    }

    String path() {
      return String.valueOf(head.path());
    }

    void answer(int status, String text) {
      head(status, text.isEmpty(), "content-length", Integer.toString(text.length()));
      if (!text.isEmpty()) {
        data(text, true);
      }
    }

    void head(int status, boolean last, String... fields) {
      Http2Headers answer = new DefaultHttp2Headers(false).status(Integer.toString(status));
      for (int i = 0; i < fields.length; i += 2) {
        answer.add(fields[i], fields[i + 1]);
      }
      headers(answer, last);
    }

    void headers(Http2Headers fields, boolean last) {
      connection.channel.writeAndFlush(new DefaultHttp2HeadersFrame(fields, last).stream(stream));
    }

    void data(String text, boolean last) {
      ByteBuf content = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
      connection.channel.writeAndFlush(new DefaultHttp2DataFrame(content, last).stream(stream));
    }

    void reset(Http2Error error) {
      connection.channel.writeAndFlush(new DefaultHttp2ResetFrame(error).stream(stream));
    }
  }
}
