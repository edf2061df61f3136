package io.sluice.core.transport.epoll;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what a channel says, and reads on after each portion where it is to. */
final class Recorder extends ChannelInboundHandlerAdapter {

  private final ByteArrayOutputStream octets = new ByteArrayOutputStream();

  /** What happened, octets aside. */
  final List<String> events = new CopyOnWriteArrayList<>();

  private final boolean readsOn;

  Recorder(boolean readsOn) {
    this.readsOn = readsOn;
  }

  byte[] octets() {
    synchronized (octets) {
      return octets.toByteArray();
    }
  }

  int count() {
    synchronized (octets) {
      return octets.size();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    events.add("active");
    if (readsOn) {
      context.read();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    ByteBuf in = (ByteBuf) message;
    synchronized (octets) {
      in.readBytes(octets, in.readableBytes());
    }
    in.release();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (readsOn) {
      context.read();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    events.add(event.getClass().getSimpleName());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    events.add("failed: " + cause.getMessage());
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    events.add("inactive");
  }
}
