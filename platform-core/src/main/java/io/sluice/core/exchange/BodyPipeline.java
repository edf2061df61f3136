package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.sluice.api.http.Chunk;
import io.sluice.api.http.Headers;
import io.sluice.api.middleware.BodySink;
import io.sluice.api.middleware.BodyTransform;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.plugin.Fatal;
import io.sluice.core.transport.EventLoops;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body transforms of one message, in the order in which content passes them. Made only where
 * there is at least one. On the exchange's event loop.
 */
final class BodyPipeline implements BodyConsumer {

  private static final Logger log = LoggerFactory.getLogger(BodyPipeline.class);

  private final Stage first;
  private final BodyConsumer last;
  private boolean over;

  /**
   * A transform and whose it is.
   *
   * @param plugin as the log names it
   */
  record Named(BodyTransform transform, String plugin) {

    /** Tells it that the exchange ended before the body did. */
    void abort() {
      try {
        transform.onAbort();
      } catch (Throwable e) {
        Fatal.rethrow(e);
        log.error("{} threw when its transform was aborted", plugin, e);
      }
    }
  }

  BodyPipeline(List<Named> transforms, BodyConsumer last) {
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
  public void fail(String plugin, Throwable cause) {
    if (over) {
      log.error("{} failed after its content had ended", plugin, cause);
    } else {
      abort();
      last.fail(plugin, cause);
    }
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
    private final Named named;
    private final BodyTransform transform;
    private final @Nullable Stage next;
    private boolean ended;

    Stage(Named named, @Nullable Stage next) {
      this.named = named;
      this.transform = named.transform();
      this.next = next;
    }

    void take(ByteBuf data) {
      try {
        transform.onChunk(new BufChunk(data), this);
      } catch (Throwable e) {
        thrown(e);
      } finally {
        data.release();
      }
    }

    void inputEnded(@Nullable Headers trailers) {
      try {
        transform.onEnd(trailers, this);
      } catch (Throwable e) {
        thrown(e);
      }
    }

    void demand() {
      if (!ended) {
        try {
          transform.onDemand(this);
        } catch (Throwable e) {
          thrown(e);
        }
      }
    }

    void abort() {
      if (!ended) {
        ended = true;
        named.abort();
      }
    }

    private void thrown(Throwable cause) {
      Fatal.rethrow(cause);
      fail(cause);
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
      BodyPipeline.this.fail(named.plugin(), cause);
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
