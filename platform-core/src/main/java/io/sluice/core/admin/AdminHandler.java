package io.sluice.core.admin;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.sluice.core.http.HttpDate;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: a request is read when the answer to the one before has left. Each phase has a
 * deadline: the whole next request, the answer on its way out, and the peer's end after our last
 * answer. While an action runs there is none.
 */
final class AdminHandler extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(AdminHandler.class);
  private static final HttpDate DATE = new HttpDate(Clock.systemUTC());
  private static final long REQUEST_SECONDS = 60;
  private static final long WRITE_SECONDS = 60;
  private static final long LINGER_SECONDS = 2;

  private final AdminDispatch dispatch;
  private final boolean metricsDoor;
  private boolean waiting;
  private boolean lingering;
  private @Nullable Future<?> deadline;

  AdminHandler(AdminDispatch dispatch, boolean metricsDoor) {
    this.dispatch = dispatch;
    this.metricsDoor = metricsDoor;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    readNext(ctx);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    disarm();
    ctx.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (lingering) {
        return;
      }
      disarm();
      waiting = false;
      if (message instanceof FullHttpRequest request) {
        boolean keepAlive = HttpUtil.isKeepAlive(request) && request.decoderResult().isSuccess();
        dispatch
            .answer(request, metricsDoor)
            .thenAccept(answer -> ctx.executor().execute(() -> write(ctx, answer, keepAlive)));
      } else if (message == AdminBodies.TOO_LARGE) {
        write(ctx, Answer.fault(413, "the body is larger than 64 KiB"), false);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  /** Half a request came, or one that the codec answered by itself. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (waiting) {
      ctx.read();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.warn("An admin connection failed", cause);
    }
    close(ctx);
  }

  private void write(ChannelHandlerContext ctx, Answer answer, boolean keepAlive) {
    arm(ctx, WRITE_SECONDS);
    ctx.writeAndFlush(response(answer, keepAlive))
        .addListener(
            (ChannelFutureListener)
                sent -> {
                  disarm();
                  if (!sent.isSuccess()) {
                    close(ctx);
                  } else if (keepAlive) {
                    readNext(ctx);
                  } else {
                    linger(ctx);
                  }
                });
  }

  private void readNext(ChannelHandlerContext ctx) {
    waiting = true;
    arm(ctx, REQUEST_SECONDS);
    ctx.read();
  }

  /** Closing while the peer still sends would reset the connection and lose the answer. */
  private void linger(ChannelHandlerContext ctx) {
    lingering = true;
    arm(ctx, LINGER_SECONDS);
    ChannelFuture unused = ((DuplexChannel) ctx.channel()).shutdownOutput();
    ctx.channel().config().setAutoRead(true);
  }

  private void arm(ChannelHandlerContext ctx, long seconds) {
    disarm();
    deadline = ctx.executor().schedule(() -> close(ctx), seconds, TimeUnit.SECONDS);
  }

  private static void close(ChannelHandlerContext ctx) {
    ChannelFuture unused = ctx.close();
  }

  private void disarm() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  private static FullHttpResponse response(Answer answer, boolean keepAlive) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(answer.status()),
            Unpooled.wrappedBuffer(answer.body()));
    HttpHeaders headers = response.headers();
    headers.set(HttpHeaderNames.DATE, DATE.text());
    headers.set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
    headers.setInt(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
    headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
    headers.set(HttpHeaderNames.X_FRAME_OPTIONS, "DENY");
    headers.set(HttpHeaderNames.CONTENT_SECURITY_POLICY, "default-src 'none'");
    headers.set("x-content-type-options", "nosniff");
    headers.set("referrer-policy", "no-referrer");
    if (!keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, "close");
    }
    answer.headers().forEach(headers::set);
    return response;
  }
}
