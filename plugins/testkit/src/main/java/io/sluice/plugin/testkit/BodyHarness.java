package io.sluice.plugin.testkit;

import io.sluice.api.http.Chunk;
import io.sluice.api.http.Headers;
import io.sluice.api.middleware.BodySink;
import io.sluice.api.middleware.BodyTransform;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Drives one {@link BodyTransform} chunk by chunk. Chunks are taken back after each call, so a
 * transform that keeps one without {@code retain()} is found out.
 */
public final class BodyHarness {

  private final BodyTransform transform;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final Sink sink = new Sink();
  private @Nullable Headers trailers;
  private @Nullable Throwable failure;
  private long room = Long.MAX_VALUE;
  private boolean ended;

  private BodyHarness(BodyTransform transform) {
    this.transform = transform;
  }

  /** Drives {@code transform}. */
  public static BodyHarness of(BodyTransform transform) {
    return new BodyHarness(transform);
  }

  /**
   * Lets the next step have room for {@code bytes} more, and tells the transform when it had none.
   */
  public BodyHarness room(long bytes) {
    boolean had = room > 0;
    room = bytes;
    if (!had && bytes > 0) {
      transform.onDemand(sink);
    }
    return this;
  }

  /** Hands over octets of UTF-8 text. */
  public BodyHarness chunk(String text) {
    return chunk(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Hands over octets. */
  public BodyHarness chunk(byte[] octets) {
    FakeChunk chunk = new FakeChunk(octets);
    transform.onChunk(chunk, sink);
    chunk.release();
    return this;
  }

  /** Says that no more octets come. */
  public BodyHarness end() {
    return end(null);
  }

  /** Says that no more octets come but a trailer section. */
  public BodyHarness end(@Nullable Headers received) {
    transform.onEnd(received, sink);
    return this;
  }

  /** Says that the exchange failed. */
  public BodyHarness abort() {
    transform.onAbort();
    return this;
  }

  /** What came out so far. */
  public byte[] output() {
    return output.toByteArray();
  }

  /** {@link #output} as UTF-8. */
  public String text() {
    return output.toString(StandardCharsets.UTF_8);
  }

  /** Whether the transform ended its output. */
  public boolean ended() {
    return ended;
  }

  /** The trailer section that the transform ended with, or null. */
  public @Nullable Headers trailers() {
    return trailers;
  }

  /** What the transform failed with, or null. */
  public @Nullable Throwable failure() {
    return failure;
  }

  private final class Sink implements BodySink {

    @Override
    public void write(Chunk chunk) {
      write(chunk.bytes());
    }

    @Override
    public void write(ByteBuffer bytes) {
      requireOpen();
      byte[] octets = new byte[bytes.remaining()];
      bytes.get(octets);
      output.writeBytes(octets);
      room = room == Long.MAX_VALUE ? room : Math.max(0, room - octets.length);
    }

    @Override
    public boolean ready() {
      return room > 0;
    }

    @Override
    public void end(@Nullable Headers sent) {
      requireOpen();
      ended = true;
      trailers = sent;
    }

    @Override
    public void fail(Throwable cause) {
      failure = cause;
    }

    private void requireOpen() {
      if (ended) {
        throw new IllegalStateException("the body was ended before");
      }
    }
  }
}
