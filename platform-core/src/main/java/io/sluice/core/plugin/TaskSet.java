package io.sluice.core.plugin;

import io.sluice.api.PluginContext.Task;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that one instance has scheduled. One that ran, was cancelled or belongs to a closed
 * instance is forgotten. Thread-safe.
 */
final class TaskSet {

  private final ScheduledExecutorService scheduler;
  private final Consumer<Runnable> runner;
  private final Set<Scheduled> pending = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * No task yet.
   *
   * @param runner runs each task and throws nothing
   */
  TaskSet(ScheduledExecutorService scheduler, Consumer<Runnable> runner) {
    this.scheduler = scheduler;
    this.runner = runner;
  }

  Task once(Duration delay, Runnable task) {
    Scheduled scheduled = new Scheduled(task, false);
    pending.add(scheduled);
    scheduled.start(scheduler.schedule(scheduled, nanos(delay), TimeUnit.NANOSECONDS));
    return scheduled;
  }

  Task repeatedly(Duration initialDelay, Duration interval, Runnable task) {
    Scheduled scheduled = new Scheduled(task, true);
    pending.add(scheduled);
    scheduled.start(
        scheduler.scheduleAtFixedRate(
            scheduled, nanos(initialDelay), nanos(interval), TimeUnit.NANOSECONDS));
    return scheduled;
  }

  private static long nanos(Duration time) {
    return TimeUnit.NANOSECONDS.convert(time);
  }

  /** Cancels all of them; later ones are cancelled at once. */
  void close() {
    closed = true;
    pending.forEach(Scheduled::cancel);
  }

  /** For tests. */
  int size() {
    return pending.size();
  }

  private final class Scheduled implements Runnable, Task {

    private final Runnable task;
    private final boolean repeating;
    private volatile @Nullable Future<?> future;
    private volatile boolean cancelled;

    Scheduled(Runnable task, boolean repeating) {
      this.task = task;
      this.repeating = repeating;
    }

    void start(Future<?> started) {
      future = started;
      if (cancelled || closed) {
        cancel();
      }
    }

    @Override
    public void run() {
      if (cancelled) {
        return;
      }
      if (!repeating) {
        pending.remove(this);
      }
      runner.accept(task);
    }

    @Override
    public void cancel() {
      cancelled = true;
      pending.remove(this);
      Future<?> known = future;
      if (known != null) {
        known.cancel(false);
      }
    }
  }
}
