package io.sluice.core.observe;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * One counter for each status label, made when its status first occurs. Made when a route is
 * resolved; lives as long as its scope. From any thread; only the first occurrence of a status
 * takes a lock.
 */
public final class StatusCounters {

  private final MeterScope scope;
  private final String name;
  private final String[] labels;
  private final AtomicReferenceArray<Counter> byStatus =
      new AtomicReferenceArray<>(StatusLabels.count());

  /**
   * Counters that differ in their label {@code status} only.
   *
   * @param labels the other labels: name, value, name, value
   */
  public StatusCounters(MeterScope scope, String name, String... labels) {
    this.scope = scope;
    this.name = name;
    this.labels = labels.clone();
  }

  /** Adds 1 to the counter of a status; 0 stands for no head sent. */
  public void increment(int status) {
    int index = StatusLabels.index(status);
    @Nullable Counter counter = byStatus.get(index);
    if (counter == null) {
      counter = create(index, status);
    }
    counter.increment();
  }

  private Counter create(int index, int status) {
    String[] all = java.util.Arrays.copyOf(labels, labels.length + 2);
    all[labels.length] = "status";
    all[labels.length + 1] = StatusLabels.of(status);
    Counter counter = scope.counter(name, all);
    byStatus.set(index, counter);
    return counter;
  }
}
