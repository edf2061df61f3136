package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.sluice.api.http.Chunk;
import io.sluice.api.http.Headers;
import io.sluice.api.middleware.BodySink;
import io.sluice.api.middleware.BodyTransform;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.transport.EventLoops;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body transforms of one message, in the order in which content passes them. Made only where
 * there is at least one. On the exchange's event loop.
 */
final class BodyPipeline implements BodyConsumer {

  private final Stage first;
  private final BodyConsumer last;
  private boolean over;

  BodyPipeline(List<BodyTransform> transforms, BodyConsumer last) {
    this.last = last;
    Stage next = null;
    for (int i = transforms.size() - 1; i >= 0; i--) {
      next = new Stage(transforms.get(i), next);
    }
    if (next == null) {
      throw new IllegalArgumentException("no transforms");
    }
    this.first = next;
  }

  @Override
  public void data(ByteBuf data) {
    if (over) {
      data.release();
    } else {
      first.take(data);
    }
  }

  @Override
  public void end(@Nullable ByteHeaders trailers) {
    if (!over) {
      first.inputEnded(trailers);
    }
  }

  @Override
  public void fail(Throwable cause) {
    abort();
    last.fail(cause);
  }

  @Override
  public boolean ready() {
    return last.ready();
  }

  /** There is room again behind the last stage. */
  void demand() {
    for (Stage stage = first; stage != null && !over; stage = stage.next) {
      stage.demand();
    }
  }

  /** The exchange ended before the body did. */
  void abort() {
    if (!over) {
      over = true;
      for (Stage stage = first; stage != null; stage = stage.next) {
        stage.abort();
      }
    }
  }

  private final class Stage implements BodySink {
    private final BodyTransform transform;
    private final @Nullable Stage next;
    private boolean ended;

    Stage(BodyTransform transform, @Nullable Stage next) {
      this.transform = transform;
      this.next = next;
    }

    void take(ByteBuf data) {
      try {
        transform.onChunk(new BufChunk(data), this);
      } catch (RuntimeException e) {
        BodyPipeline.this.fail(e);
      } finally {
        data.release();
      }
    }

    void inputEnded(@Nullable Headers trailers) {
      try {
        transform.onEnd(trailers, this);
      } catch (RuntimeException e) {
        BodyPipeline.this.fail(e);
      }
    }

    void demand() {
      if (!ended) {
        try {
          transform.onDemand(this);
        } catch (RuntimeException e) {
          BodyPipeline.this.fail(e);
        }
      }
    }

    void abort() {
      if (!ended) {
        ended = true;
        transform.onAbort();
      }
    }

    private void pass(ByteBuf data) {
      if (over || ended) {
        data.release();
      } else if (next == null) {
        last.data(data);
      } else {
        next.take(data);
      }
    }

    @Override
    public void write(Chunk chunk) {
      if (chunk instanceof BufChunk ours) {
        pass(ours.buffer().retainedDuplicate());
      } else {
        write(chunk.bytes());
      }
    }

    @Override
    public void write(ByteBuffer bytes) {
      if (bytes.hasRemaining()) {
        pass(EventLoops.allocator().directBuffer(bytes.remaining()).writeBytes(bytes));
      }
    }

    @Override
    public boolean ready() {
      return !over && last.ready();
    }

    @Override
    public void end(@Nullable Headers trailers) {
      if (over || ended) {
        return;
      }
      ended = true;
      if (next == null) {
        over = true;
        last.end(own(trailers));
      } else {
        next.inputEnded(trailers);
      }
    }

    @Override
    public void fail(Throwable cause) {
      BodyPipeline.this.fail(cause);
    }
  }

  static @Nullable ByteHeaders own(@Nullable Headers trailers) {
    if (trailers == null || trailers instanceof ByteHeaders) {
      return (ByteHeaders) trailers;
    }
    ByteHeaders copy = new ByteHeaders();
    trailers.forEach(copy::add);
    return copy;
  }
}
