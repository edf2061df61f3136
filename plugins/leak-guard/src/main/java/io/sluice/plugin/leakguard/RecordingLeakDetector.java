package io.sluice.plugin.leakguard;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakTracker;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A leak detector that remembers what it reports.
 *
 * <p>Netty makes one for each tracked type when the system property {@code
 * io.netty.customResourceLeakDetector} names this class; the build sets it for every test JVM. Safe
 * for use from any thread.
 *
 * @param <T> the tracked type
 */
public final class RecordingLeakDetector<T> extends ResourceLeakDetector<T> {
  private static final Pattern RUNNER =
      Pattern.compile(
          "^\\s+(java\\.base/)?(org\\.junit|org\\.apache\\.maven\\.surefire|jdk\\.internal\\.reflect"
              + "|java\\.lang\\.reflect)\\.");
  private static final Queue<String> REPORTS = new ConcurrentLinkedQueue<>();
  private static final List<RecordingLeakDetector<?>> DETECTORS = new CopyOnWriteArrayList<>();

  /**
   * Called by Netty.
   *
   * @param resourceType the tracked type
   * @param samplingInterval ignored at the level {@code paranoid}, which tracks every object
   */
  public RecordingLeakDetector(Class<?> resourceType, int samplingInterval) {
    super(resourceType, samplingInterval);
    DETECTORS.add(this);
  }

  /**
   * Called by Netty where it still uses the older form.
   *
   * @param resourceType the tracked type
   * @param samplingInterval as above
   * @param maxActive ignored
   */
  public RecordingLeakDetector(Class<?> resourceType, int samplingInterval, long maxActive) {
    this(resourceType, samplingInterval);
  }

  @Override
  protected boolean needReport() {
    return true;
  }

  @Override
  protected void reportTracedLeak(String resourceType, String records) {
    REPORTS.add(resourceType + " was collected before it was released." + withoutRunner(records));
  }

  /** A build's summary shows a report whole: without the frames that are below every test. */
  private static String withoutRunner(String records) {
    return records
        .lines()
        .filter(line -> !RUNNER.matcher(line).find())
        .collect(Collectors.joining("\n"));
  }

  @Override
  protected void reportUntracedLeak(String resourceType) {
    REPORTS.add(resourceType + " was collected before it was released (no access was recorded).");
  }

  /** Makes every detector look at what has been collected so far: Netty does so when it tracks. */
  static void pollAll() {
    for (RecordingLeakDetector<?> detector : DETECTORS) {
      detector.poll();
    }
  }

  /** Returns all reports since the last call, oldest first, and forgets them. */
  static List<String> takeReports() {
    List<String> taken = new ArrayList<>();
    for (String report = REPORTS.poll(); report != null; report = REPORTS.poll()) {
      taken.add(report);
    }
    return taken;
  }

  @SuppressWarnings("unchecked") // the detector never looks inside what it tracks
  private void poll() {
    T probe = (T) new Object();
    @Nullable ResourceLeakTracker<T> tracker = track(probe);
    if (tracker != null) {
      tracker.close(probe);
    }
  }
}
