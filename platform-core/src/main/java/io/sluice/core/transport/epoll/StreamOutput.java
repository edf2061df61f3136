package io.sluice.core.transport.epoll;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.IovArray;
import io.netty.channel.unix.UnixChannelUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What goes through an {@link EpollStream}, one buffer a call or many. On the event loop. */
final class StreamOutput {

  /** Octets that one call offers to the socket, of many buffers together. */
  private static final long MAX_GATHERED = 1 << 20;

  /** Buffers that one call offers. */
  private static final int MAX_BUFFERS = 256;

  /** What {@code writev} takes: one list for each event loop, freed with it. */
  private static final FastThreadLocal<IovArray> GATHERED =
      new FastThreadLocal<>() {
        @Override
        protected IovArray initialValue() {
          IovArray list = new IovArray(MAX_BUFFERS);
          list.maxBytes(MAX_GATHERED);
          return list;
        }

        @Override
        protected void onRemoval(IovArray list) {
          list.release();
        }
      };

  private final LinuxSocket socket;

  StreamOutput(LinuxSocket socket) {
    this.socket = socket;
  }

  /** A message as the socket takes it; the caller's instead of the one given. */
  static ByteBuf accept(EpollStream stream, Object message) {
    if (!(message instanceof ByteBuf octets)) {
      throw new UnsupportedOperationException(
          "a socket takes octets, not " + message.getClass().getName());
    }
    if (!UnixChannelUtil.isBufferCopyNeededForWrite(octets)) {
      return octets;
    }
    ByteBuf copy = stream.alloc().directBuffer(octets.readableBytes());
    copy.writeBytes(octets, octets.readerIndex(), octets.readableBytes());
    ReferenceCountUtil.safeRelease(octets);
    return copy;
  }

  /** Sends some of what waits, which is not nothing; false where the socket takes no more. */
  boolean write(ChannelOutboundBuffer out) throws Exception {
    ByteBuf first = (ByteBuf) out.current();
    long written =
        out.size() == 1 && first.nioBufferCount() == 1 ? writeOne(first) : writeMany(out);
    if (written == 0) {
      return false;
    }
    out.removeBytes(Math.max(written, 0)); // along with what was empty
    return true;
  }

  /** Answers the octets sent: 0 where the socket takes none, -1 where there are none. */
  private long writeOne(ByteBuf octets) throws IOException {
    if (!octets.isReadable()) {
      return -1;
    }
    int from = octets.readerIndex();
    if (octets.hasMemoryAddress()) {
      return socket.sendAddress(octets.memoryAddress(), from, octets.writerIndex());
    }
    ByteBuffer view = octets.internalNioBuffer(from, octets.readableBytes());
    return socket.send(view, view.position(), view.limit());
  }

  private long writeMany(ChannelOutboundBuffer out) throws Exception {
    IovArray gathered = GATHERED.get();
    gathered.clear();
    out.forEachFlushedMessage(gathered);
    int parts = gathered.count();
    return parts == 0 ? -1 : socket.writevAddresses(gathered.memoryAddress(0), parts);
  }
}
