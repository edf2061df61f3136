package io.sluice.plugin.testkit;

import io.sluice.api.http.Chunk;
import io.sluice.api.http.Headers;
import io.sluice.api.middleware.BodySink;
import io.sluice.api.middleware.BodyTransform;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Some transforms behind each other, the last one's output collected. */
final class BodyPipe {

  /** Hears how the whole ended. */
  interface Listener {
    void onEnd(@Nullable Headers trailers);

    void onFailure(Throwable cause);
  }

  private final List<BodyTransform> transforms;
  private final Listener listener;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  BodyPipe(List<BodyTransform> transforms, Listener listener) {
    this.transforms = List.copyOf(transforms);
    this.listener = listener;
  }

  byte[] output() {
    return output.toByteArray();
  }

  void feed(byte[] octets) {
    FakeChunk chunk = new FakeChunk(octets);
    chunkTo(0, chunk);
    chunk.release();
  }

  void end(@Nullable Headers trailers) {
    endTo(0, trailers);
  }

  void abort() {
    transforms.forEach(BodyTransform::onAbort);
  }

  private void chunkTo(int stage, Chunk chunk) {
    if (stage < transforms.size()) {
      transforms.get(stage).onChunk(chunk, new StageSink(stage));
    } else {
      byte[] octets = new byte[chunk.length()];
      chunk.copyTo(octets, 0);
      output.writeBytes(octets);
    }
  }

  private void endTo(int stage, @Nullable Headers trailers) {
    if (stage < transforms.size()) {
      transforms.get(stage).onEnd(trailers, new StageSink(stage));
    } else {
      listener.onEnd(trailers);
    }
  }

  private final class StageSink implements BodySink {

    private final int stage;

    StageSink(int stage) {
      this.stage = stage;
    }

    @Override
    public void write(Chunk chunk) {
      chunkTo(stage + 1, chunk);
    }

    @Override
    public void write(ByteBuffer bytes) {
      byte[] octets = new byte[bytes.remaining()];
      bytes.get(octets);
      FakeChunk chunk = new FakeChunk(octets);
      chunkTo(stage + 1, chunk);
      chunk.release();
    }

    @Override
    public boolean ready() {
      return true;
    }

    @Override
    public void end(@Nullable Headers trailers) {
      endTo(stage + 1, trailers);
    }

    @Override
    public void fail(Throwable cause) {
      listener.onFailure(cause);
    }
  }
}
