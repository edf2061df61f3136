package io.sluice.plugin.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.api.http.Chunk;
import io.sluice.api.http.Headers;
import io.sluice.api.middleware.BodySink;
import io.sluice.api.middleware.BodyTransform;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BodyHarnessTest {

  /** Holds chunks back while there is no room; keeps them by retain, or not. */
  private static final class Holding implements BodyTransform {

    private final boolean retains;
    private final Deque<Chunk> held = new ArrayDeque<>();

    Holding(boolean retains) {
      this.retains = retains;
    }

    @Override
    public void onChunk(Chunk chunk, BodySink sink) {
      held.add(retains ? chunk.retain() : chunk);
      onDemand(sink);
    }

    @Override
    public void onDemand(BodySink sink) {
      while (sink.ready() && !held.isEmpty()) {
        Chunk next = held.remove();
        sink.write(next);
        if (retains) {
          next.release();
        }
      }
    }

    @Override
    public void onEnd(@Nullable Headers trailers, BodySink sink) {
      while (!held.isEmpty()) {
        sink.write(held.remove());
      }
      sink.end(trailers);
    }
  }

  @Test
  void tellsTheTransformWhenThereIsRoomAgain() {
    BodyHarness body = BodyHarness.of(new Holding(true)).room(2).chunk("ab").chunk("cd");
    assertThat(body.text()).isEqualTo("ab");

    body.room(100).end();

    assertThat(body.text()).isEqualTo("abcd");
    assertThat(body.ended()).isTrue();
    assertThat(body.trailers()).isNull();
    assertThat(body.failure()).isNull();
  }

  @Test
  void findsAChunkThatWasKeptWithoutRetain() {
    BodyHarness body = BodyHarness.of(new Holding(false)).room(0).chunk("ab");

    assertThatThrownBy(() -> body.room(10)).hasMessageContaining("retain()");
  }

  @Test
  void findsABodyThatIsEndedTwice() {
    BodyHarness body = BodyHarness.of(new Holding(true)).end();

    assertThatThrownBy(body::end).isInstanceOf(IllegalStateException.class);
  }
}
