package io.sluice.core.listener;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How a connection to a client ends that may have sent what nobody reads any more: closing it would
 * be answered with a reset, to which our last octets could be lost (RFC 9112 §9.6).
 */
final class LingeringClose {

  /** How long octets are still read after our last one. */
  static final long NANOS = TimeUnit.SECONDS.toNanos(2);

  private LingeringClose() {}

  /** Sends what is queued and half-closes, for the client to close. Whoever asks keeps the time. */
  static void begin(ChannelHandlerContext open, @Nullable DownstreamTls tls) {
    if (open.channel() instanceof DuplexChannel duplex) {
      open.writeAndFlush(open.alloc().buffer(0)).addListener(sent -> endOutput(duplex, tls));
    } else {
      closeWhenSent(open);
    }
  }

  /** For a client that sends no more: there is nothing to linger for. */
  static void closeWhenSent(ChannelHandlerContext open) {
    open.writeAndFlush(open.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
  }

  /** TLS says so first, lest what we sent seem cut short (RFC 8446 §6.1). */
  private static void endOutput(DuplexChannel duplex, @Nullable DownstreamTls tls) {
    if (tls == null) {
      duplex.shutdownOutput();
    } else {
      tls.handler().closeOutbound().addListener(said -> duplex.shutdownOutput());
    }
  }
}
