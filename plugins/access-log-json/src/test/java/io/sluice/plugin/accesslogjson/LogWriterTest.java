package io.sluice.plugin.accesslogjson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.plugin.testkit.FakeMeters;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LogWriterTest {

  private static final String DROPPED = "sluice_access_log_dropped_total";

  private final FakeMeters meters = new FakeMeters();
  private final Target target = new Target();

  @Test
  void writesWithoutBeingAsked() {
    try (LogWriter writer = writer(1_000)) {
      submit(writer, writer.newRing(), "one\n");

      await().until(() -> target.text().equals("one\n"));
    }
  }

  @Test
  void wakesUpAfterAnIdleTime() {
    try (LogWriter writer = writer(1_000)) {
      ByteRing ring = writer.newRing();
      submit(writer, ring, "one\n");
      await().until(() -> target.text().equals("one\n"));

      submit(writer, ring, "two\n");

      await().until(() -> target.text().equals("one\ntwo\n"));
    }
  }

  @Test
  void writesWhatIsPendingWhenItCloses() {
    LogWriter writer = writer(1_000);
    ByteRing first = writer.newRing();
    ByteRing second = writer.newRing();
    submit(writer, first, "one\n");
    submit(writer, second, "two\n");

    writer.close();

    assertThat(target.text()).contains("one\n").contains("two\n");
    assertThat(target.closed).isTrue();
  }

  @Test
  void dropsAndCountsWhatDoesNotFitWithoutWaiting() {
    target.stuck = new CountDownLatch(1);
    LogWriter writer = writer(10);
    ByteRing ring = writer.newRing();

    for (int i = 0; i < 100; i++) {
      submit(writer, ring, "12345678\n");
    }

    assertThat(meters.count(DROPPED)).isBetween(98L, 99L);
    target.stuck.countDown();
    writer.close();
  }

  @Test
  void dropsAndCountsAfterItClosed() {
    LogWriter writer = writer(100);
    ByteRing ring = writer.newRing();
    writer.close();

    submit(writer, ring, "late\n");

    assertThat(meters.count(DROPPED)).isEqualTo(1);
    assertThat(target.text()).isEmpty();
  }

  @Test
  void countsLinesThatTheTargetDidNotTakeAndGoesOn() {
    target.broken = true;
    try (LogWriter writer = writer(1_000)) {
      ByteRing ring = writer.newRing();
      submit(writer, ring, "one\n");
      submit(writer, ring, "two\n");
      await().until(() -> meters.count(DROPPED) == 2);

      target.broken = false;
      submit(writer, ring, "three\n");

      await().until(() -> target.text().equals("three\n"));
    }
  }

  @Test
  void losesNothingUnderLoadFromManyThreads() throws InterruptedException {
    int threads = 4;
    int lines = 20_000;
    LogWriter writer = writer(1 << 20);
    CountDownLatch done = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      String line = "line of thread " + t + "\n";
      new Thread(
              () -> {
                ByteRing ring = writer.newRing();
                for (int i = 0; i < lines; i++) {
                  submit(writer, ring, line);
                }
                done.countDown();
              })
          .start();
    }
    done.await();
    writer.close();

    long written = target.text().lines().count();
    assertThat(written + meters.count(DROPPED)).isEqualTo((long) threads * lines);
    assertThat(target.text().lines()).allMatch(line -> line.matches("line of thread [0-3]"));
  }

  private LogWriter writer(int ringBytes) {
    return new LogWriter(target, ringBytes, meters.counter(DROPPED));
  }

  private static void submit(LogWriter writer, ByteRing ring, String line) {
    writer.submit(ring, line.getBytes(StandardCharsets.US_ASCII), line.length());
  }

  private static final class Target implements LogTarget {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private volatile CountDownLatch stuck = new CountDownLatch(0);
    private volatile boolean broken;
    private volatile boolean closed;

    synchronized String text() {
      return out.toString(StandardCharsets.US_ASCII);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        stuck.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      if (broken) {
        throw new IOException("no space left");
      }
      synchronized (this) {
        out.write(bytes, offset, length);
      }
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
