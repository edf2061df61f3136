package io.sluice.core.admin;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;

/** Puts the whole request together, up to 64 KiB of content; more is answered with 413. */
final class AdminBodies extends HttpObjectAggregator {

  private static final int MAX_CONTENT = 64 * 1024;

  /** Goes to {@link AdminHandler} in place of a request whose content is too large. */
  static final Object TOO_LARGE = new Object();

  AdminBodies() {
    super(MAX_CONTENT);
  }

  /** The aggregator drops what follows of the request's content. */
  @Override
  protected void handleOversizedMessage(ChannelHandlerContext ctx, HttpMessage oversized) {
    ctx.fireChannelRead(TOO_LARGE);
  }
}
