package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.sluice.api.upstream.ClientRequest;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.Chunks;
import io.sluice.core.http.ForwardedLines;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.http.RequestWriter;
import io.sluice.core.transport.EventLoops;
import org.jspecify.annotations.Nullable;

/**
 * What takers see of an HTTP/1.1 connection: writes their requests, one after the other, and leaves
 * the responses to its reader. There is one a connection.
 */
final class Http1Stream implements UpstreamStream {

  /** Content up to this size goes out in one buffer with what frames it. */
  private static final int SMALL_CHUNK = 4096;

  private final Http1Connection connection;
  private final Http1ResponseReader reader;
  private boolean chunked;

  Http1Stream(Http1Connection connection, Http1ResponseReader reader) {
    this.connection = connection;
    this.reader = reader;
  }

  @Override
  public EndpointState endpoint() {
    return connection.endpoint();
  }

  @Override
  public void begin(ResponseReceiver to, ParsedResponse target, boolean toHead) {
    reader.begin(to, target, toHead);
    connection.inUse();
    connection.resumeIfPaused();
  }

  @Override
  public void head(
      RequestWriter writer,
      ParsedRequest request,
      ForwardedLines forwarded,
      @Nullable ByteBuf content,
      boolean last) {
    chunked = writer.chunked();
    int length = content == null ? 0 : content.readableBytes();
    int room = writer.roomNeeded(request, forwarded) + length + Chunks.OVERHEAD;
    ByteBuf out = EventLoops.allocator().directBuffer(room);
    writer.write(out, request, forwarded);
    if (content != null) {
      if (chunked && length > 0) {
        writeChunk(out, content);
      } else {
        out.writeBytes(content);
      }
      content.release();
    }
    write(out);
    if (last) {
      end(null);
    }
  }

  @Override
  public void data(ByteBuf content) {
    if (!chunked) {
      write(content);
      return;
    }
    int length = content.readableBytes();
    if (length <= SMALL_CHUNK) {
      ByteBuf chunk = EventLoops.allocator().directBuffer(length + Chunks.OVERHEAD);
      writeChunk(chunk, content);
      content.release();
      write(chunk);
      return;
    }
    ByteBuf size = EventLoops.allocator().directBuffer(Chunks.OVERHEAD);
    Chunks.writeSize(size, length);
    write(size);
    write(content);
    ByteBuf end = EventLoops.allocator().directBuffer(2);
    Chunks.writeEnd(end);
    write(end);
  }

  private static void writeChunk(ByteBuf out, ByteBuf content) {
    Chunks.writeSize(out, content.readableBytes());
    out.writeBytes(content);
    Chunks.writeEnd(out);
  }

  @Override
  public void end(@Nullable ByteHeaders section) {
    if (chunked) {
      ByteBuf last = EventLoops.allocator().directBuffer(Chunks.lastRoom(section));
      Chunks.writeLast(last, section);
      write(last);
    }
    reader.requestEnded();
  }

  @Override
  public void call(ClientRequest request) {
    byte[] octets = RequestText.of(request, endpoint().authority(), false);
    write(EventLoops.allocator().directBuffer(octets.length).writeBytes(octets));
    reader.requestEnded();
  }

  private void write(ByteBuf octets) {
    ChannelHandlerContext to = connection.context();
    if (to == null || reader.closed()) {
      octets.release();
    } else {
      to.write(octets, to.voidPromise());
    }
  }

  @Override
  public void flush() {
    ChannelHandlerContext to = connection.context();
    if (to != null && !reader.closed()) {
      to.flush();
    }
  }

  @Override
  public boolean writable() {
    ChannelHandlerContext to = connection.context();
    return to != null && to.channel().isWritable();
  }

  @Override
  public long unsent() {
    ChannelHandlerContext to = connection.context();
    ChannelOutboundBuffer waiting = to == null ? null : to.channel().unsafe().outboundBuffer();
    return waiting == null ? 0 : waiting.totalPendingWriteBytes();
  }

  @Override
  public void pause() {
    connection.pause();
  }

  @Override
  public void resume() {
    connection.resume();
  }

  /** The connection closes. */
  @Override
  public void abort() {
    reader.abort();
  }

  @Override
  public void reset() {
    reader.reset();
  }

  /**
   * Takes what is left of a small response, for a short time, and then serves again. Where that
   * would cost more than another connection, it closes.
   */
  @Override
  public void drain() {
    reader.drain();
  }

  @Override
  public void shutdownOutput() {
    ChannelHandlerContext to = connection.context();
    if (to != null && to.channel() instanceof DuplexChannel duplex) {
      // Behind what is queued: shutting down at once would throw that away.
      Secured over = connection.secured();
      if (over == null) {
        to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> duplex.shutdownOutput());
      } else {
        over.handler().closeOutbound().addListener(said -> duplex.shutdownOutput());
      }
    }
  }

  /** The connection never returns to the pool, which is told when it closes. */
  @Override
  public Channel handOver() {
    ChannelHandlerContext from = connection.context();
    if (from == null) {
      throw new IllegalStateException("not connected yet");
    }
    Channel channel = from.channel();
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    reader.handOver();
    connection.inUse();
    return channel;
  }
}
