package io.sluice.core.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The content of one stream's response, as far as the client's windows (RFC 9113 §5.2) did not let
 * it out yet, and what ends it. One object for all responses of a stream's owner, queued with the
 * flow controller while anything waits. On the connection's event loop.
 */
final class Http2Content implements Http2RemoteFlowController.FlowControlled {

  private final Http2RemoteFlowController windows;
  private final FrameBuffer frames;
  private final Runnable onEnd;
  private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(4);
  private @Nullable Http2Stream stream;
  private @Nullable ByteBuf incoming;
  private @Nullable Http2Headers trailers;
  private int size;
  private boolean queued;
  private boolean ended;
  private boolean endWritten;

  /**
   * Content.
   *
   * @param onEnd runs when the last frame of a response was written
   */
  Http2Content(Http2RemoteFlowController windows, FrameBuffer frames, Runnable onEnd) {
    this.windows = windows;
    this.frames = frames;
    this.onEnd = onEnd;
  }

  /** Another response, on {@code of}. */
  void begin(Http2Stream of) {
    stream = of;
    trailers = null;
    size = 0;
    ended = false;
    endWritten = false;
  }

  /** Octets that wait for a window or for the socket. */
  @Override
  public int size() {
    return size;
  }

  /** Whether the last frame is written. */
  boolean endWritten() {
    return endWritten;
  }

  /** Queues content; takes it over. */
  void add(ByteBuf data) {
    Http2Stream to = stream;
    if (to == null) {
      data.release();
    } else if (queued) {
      incoming = data;
      windows.addFlowControlled(to, this); // which merges it into what is queued
    } else {
      waiting.add(data);
      size += data.readableBytes();
      enqueue(to);
    }
  }

  /** As {@link #add} and {@link #end}, so that the end may go out with the last octets. */
  void addLast(ByteBuf data, @Nullable Http2Headers section) {
    trailers = section;
    ended = true;
    add(data);
  }

  /** Nothing follows but {@code section}. */
  void end(@Nullable Http2Headers section) {
    Http2Stream to = stream;
    trailers = section;
    ended = true;
    if (!queued && to != null) {
      enqueue(to);
    }
  }

  private void enqueue(Http2Stream to) {
    queued = true;
    windows.addFlowControlled(to, this);
  }

  @Override
  public boolean merge(
      ChannelHandlerContext context, Http2RemoteFlowController.FlowControlled next) {
    ByteBuf data = incoming;
    if (next != this || data == null) {
      return false;
    }
    incoming = null;
    waiting.add(data);
    size += data.readableBytes();
    return true;
  }

  @Override
  public void write(ChannelHandlerContext context, int allowedBytes) {
    Http2Stream to = stream;
    if (to == null) {
      size = 0; // it was dropped: nothing of it will ever be written
      return;
    }
    int allowed = Math.min(allowedBytes, size);
    while (allowed > 0) {
      int length = Math.min(allowed, frames.maxFrame());
      allowed -= length;
      boolean last = ended && trailers == null && length == size;
      frames.dataHeader(to.id(), length, last);
      endWritten |= last;
      take(length);
    }
    if (size == 0 && ended && !endWritten) {
      endWritten = true;
      writeEnd(to);
    }
  }

  private void writeEnd(Http2Stream to) {
    Http2Headers section = trailers;
    if (section == null) {
      frames.dataHeader(to.id(), 0, true);
    } else {
      frames.headers(to.id(), section, true);
    }
  }

  /** Writes the first octets of what waits. */
  private void take(int length) {
    int left = length;
    size -= length;
    while (left > 0) {
      ByteBuf first = waiting.element();
      int there = first.readableBytes();
      if (there <= left) {
        waiting.remove();
        frames.payload(first);
        left -= there;
      } else {
        frames.payload(first.readRetainedSlice(left));
        left = 0;
      }
    }
  }

  @Override
  public void writeComplete() {
    queued = false;
    if (endWritten) {
      onEnd.run();
    }
  }

  @Override
  public void error(ChannelHandlerContext context, @Nullable Throwable cause) {
    drop();
  }

  /** Lets go of everything; the stream is closed, or about to be. What it counts for stays. */
  void drop() {
    queued = false;
    stream = null;
    if (incoming != null) {
      incoming.release();
      incoming = null;
    }
    for (ByteBuf next = waiting.poll(); next != null; next = waiting.poll()) {
      next.release();
    }
    trailers = null;
  }
}
