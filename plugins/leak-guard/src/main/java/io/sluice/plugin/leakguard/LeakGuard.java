package io.sluice.plugin.leakguard;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Fails a test class after which leaks had been reported, and the run if its last collection finds
 * more.
 *
 * <p>JUnit finds it by {@code ServiceLoader} where {@code
 * junit.jupiter.extensions.autodetection.enabled} is on. A leak shows only once the object was
 * collected, so the class that fails may come after the one that leaked; the report says where the
 * object was last touched.
 */
public final class LeakGuard implements BeforeAllCallback, AfterAllCallback {
  private static final Namespace NAMESPACE = Namespace.create(LeakGuard.class);
  private static final int COLLECTIONS = 3;
  private static final long COLLECTION_LIMIT_MILLIS = 2_000;

  /** Made by JUnit. */
  public LeakGuard() {}

  @Override
  public void beforeAll(ExtensionContext context) {
    context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(EndOfRun.class, key -> new EndOfRun(), EndOfRun.class);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    RecordingLeakDetector.pollAll();
    failOnReports();
  }

  private static void failOnReports() {
    List<String> reports = RecordingLeakDetector.takeReports();
    if (!reports.isEmpty()) {
      throw new AssertionError(
          "LEAK: " + reports.size() + " report(s)\n" + String.join("\n\n", reports));
    }
  }

  /** Closed by JUnit after the last test; an error thrown here fails the run. */
  private static final class EndOfRun implements AutoCloseable {
    @Override
    public void close() {
      for (int i = 0; i < COLLECTIONS; i++) {
        collect();
        RecordingLeakDetector.pollAll();
      }
      failOnReports();
    }

    /** Collects, and returns when a fresh garbage object was seen to be gone. */
    private static void collect() {
      ReferenceQueue<Object> collected = new ReferenceQueue<>();
      WeakReference<Object> garbage = new WeakReference<>(new Object(), collected);
      System.gc();
      try {
        if (collected.remove(COLLECTION_LIMIT_MILLIS) == null) {
          throw new AssertionError("still there after System.gc(): " + garbage);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while looking for leaks", e);
      }
    }
  }
}
