package io.sluice.core.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;

/** How a connection ends whose other side must not take what it got for all of it. */
public final class Abort {

  private Abort() {}

  /**
   * Closes with a reset, where the socket allows it (a Unix-domain socket does not), and below TLS,
   * whose close_notify would make it look whole.
   */
  public static void close(Channel channel) {
    channel.config().setOption(ChannelOption.SO_LINGER, 0);
    ChannelHandlerContext first = channel.pipeline().firstContext();
    if (first != null) { // null: closed already
      first.close();
    }
  }
}
