package io.sluice.core.transport.epoll;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.unix.Errors;
import io.netty.util.UncheckedBooleanSupplier;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What comes through an {@link EpollStream}: knows from epoll's edges and from the reads since
 * whether there is something to read, and reads it when somebody wants it. On the event loop.
 */
final class StreamInput {

  /** How often in a row a connection reads on before all others are looked at. */
  private static final int MAX_TURNS = 4;

  private final EpollStream stream;
  private final LinuxSocket socket;
  private final boolean tcp;
  private final EpollStreamConfig config;
  private final Runnable readLater = this::readIfWanted;

  private boolean wanted;
  private boolean readable;
  private boolean reading;
  private boolean planned;
  private int turns;
  private boolean urgent;
  private boolean hungUp;
  private boolean broken;
  private volatile boolean ended;

  StreamInput(EpollStream stream, LinuxSocket socket, boolean tcp, EpollStreamConfig config) {
    this.stream = stream;
    this.socket = socket;
    this.tcp = tcp;
    this.config = config;
  }

  /** Nothing more will come. */
  boolean ended() {
    return ended;
  }

  /** There is urgent data, which is skipped; a read takes no more than what is ahead of it. */
  void urgent() {
    urgent = true;
  }

  /**
   * epoll reports that there is something to read, or to be read to its end.
   *
   * @param ends the other side sends no more
   * @param failed the connection broke
   */
  void ready(boolean ends, boolean failed) {
    boolean unasked = ends && !hungUp;
    hungUp |= ends;
    broken |= failed;
    if (ended) {
      if (failed) {
        breakOff();
      }
      return;
    }
    readable = true;
    turns = 0;
    if (unasked || wantsRead()) {
      read();
    }
  }

  /** Another read is wanted. */
  void want() {
    wanted = true;
    plan();
  }

  /** None is wanted any longer. */
  void wantNoMore() {
    wanted = false;
  }

  /** The socket is closed. */
  void close() {
    ended = true;
    readable = false;
  }

  private boolean wantsRead() {
    return wanted || broken || config.isAutoRead();
  }

  /**
   * What epoll reported is still there. It is read in a task; after some of those epoll is asked
   * again, for the loop looks at no other socket before its tasks are done.
   */
  private void plan() {
    if (!readable || reading || planned) {
      return;
    }
    if (++turns < MAX_TURNS) {
      planned = true;
      stream.eventLoop().execute(readLater);
    } else {
      readable = false;
      stream.tell(); // is answered by a report where there is something to read
    }
  }

  private void readIfWanted() {
    planned = false;
    if (readable && wantsRead()) {
      read();
    }
  }

  private void read() {
    ChannelPipeline pipeline = stream.pipeline();
    RecvByteBufAllocator.ExtendedHandle sizes =
        (RecvByteBufAllocator.ExtendedHandle) stream.unsafe().recvBufAllocHandle();
    sizes.reset(config);
    reading = true;
    boolean end = false;
    Throwable failure = null;
    try {
      do {
        int read = readOnce(pipeline, sizes);
        end = read < 0;
        if (read <= 0) {
          break;
        }
      } while (readable && sizes.continueReading(UncheckedBooleanSupplier.TRUE_SUPPLIER));
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      failure = e;
      readable = false;
    }
    sizes.readComplete();
    pipeline.fireChannelReadComplete();
    reading = false;
    if (failure != null) {
      pipeline.fireExceptionCaught(failure);
      stream.closeNow();
    } else if (end) {
      end();
    } else if (wantsRead()) {
      plan();
    }
  }

  /** Answers how many octets were read: 0 where there are none, -1 where none will come. */
  private int readOnce(ChannelPipeline pipeline, RecvByteBufAllocator.ExtendedHandle sizes)
      throws IOException {
    ByteBuf buffer = config.getAllocator().directBuffer(sizes.guess());
    int read;
    try {
      sizes.attemptedBytesRead(buffer.writableBytes());
      read = receive(buffer);
    } catch (IOException | RuntimeException e) {
      buffer.release();
      throw e;
    }
    sizes.lastBytesRead(read);
    if (read <= 0) {
      buffer.release();
      readable = false;
      urgent = false;
      return read;
    }
    if (tcp && !urgent && !hungUp && buffer.isWritable(read + 1)) {
      // There was room for more: that was all (epoll(7), Q9). Not so ahead of urgent data, nor on a
      // Unix-domain socket, where a descriptor that somebody sends along ends a read.
      readable = false;
    }
    buffer.writerIndex(buffer.writerIndex() + read);
    sizes.incMessagesRead(1);
    wanted = false;
    pipeline.fireChannelRead(buffer);
    return read;
  }

  private int receive(ByteBuf into) throws IOException {
    int at = into.writerIndex();
    if (into.hasMemoryAddress()) {
      return socket.recvAddress(into.memoryAddress(), at, into.capacity());
    }
    ByteBuffer room = into.internalNioBuffer(at, into.writableBytes());
    return socket.recv(room, room.position(), room.limit());
  }

  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    wanted = false;
    if (!config.isAllowHalfClosure()) {
      stream.closeNow();
      return;
    }
    stream.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    stream.pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
  }

  /** Broken after the end of its input: no read would tell. */
  private void breakOff() {
    IOException why;
    try {
      why = Errors.newIOException("connection", -socket.getSoError());
    } catch (IOException e) {
      why = e;
    }
    stream.pipeline().fireExceptionCaught(why);
    stream.closeNow();
  }
}
