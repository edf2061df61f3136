package io.sluice.plugin.accesslogjson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ByteRingTest {

  private final ByteRing ring = new ByteRing(10);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void passesBytesOnInOrder() throws IOException {
    offer("abc\n");
    offer("def\n");

    assertThat(drained()).isEqualTo("abc\ndef\n");
    assertThat(ring.isEmpty()).isTrue();
  }

  @Test
  void refusesWhatDoesNotFitAndKeepsTheRest() throws IOException {
    assertThat(offer("12345678")).isTrue();
    assertThat(offer("abc")).isFalse();
    assertThat(offer("ab")).isTrue();

    assertThat(drained()).isEqualTo("12345678ab");
  }

  @Test
  void goesRoundAtEveryOffset() throws IOException {
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      String text = "line" + i;
      expected.append(text);
      assertThat(offer(text)).isTrue();
      ring.drainTo(target());
    }

    assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo(expected.toString());
  }

  @Test
  void tellsWhenItFills() {
    offer("12345");
    assertThat(ring.isFilling()).isFalse();

    offer("6");
    assertThat(ring.isFilling()).isTrue();
  }

  @Test
  void keepsEverythingWhenTheTargetFails() {
    offer("a\nb\n");
    LogTarget broken =
        new Target() {
          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            throw new IOException("disk full");
          }
        };

    assertThatThrownBy(() -> ring.drainTo(broken)).hasMessage("disk full");
    assertThat(ring.isEmpty()).isFalse();
    assertThat(ring.discardLines()).isEqualTo(2);
    assertThat(ring.isEmpty()).isTrue();
  }

  private boolean offer(String text) {
    return ring.offer(text.getBytes(StandardCharsets.US_ASCII), text.length());
  }

  private String drained() throws IOException {
    ring.drainTo(target());
    return out.toString(StandardCharsets.US_ASCII);
  }

  private LogTarget target() {
    return new Target();
  }

  private class Target implements LogTarget {
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() {}
  }
}
