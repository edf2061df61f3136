package io.sluice.core.plugin;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes the executor for work of plugins that blocks. The caller shuts it down. */
public final class BlockingExecutor {

  /** Platform threads at most, where the JVM has no virtual ones. */
  static final int MAX_THREADS = 64;

  /** Work that waits for one of them at most; more is refused. */
  static final int MAX_QUEUE = 1024;

  private BlockingExecutor() {}

  /** A virtual thread for each piece of work from JDK 21 on, else {@link #pool()}. */
  public static ExecutorService create() {
    try {
      MethodHandle virtual =
          MethodHandles.publicLookup()
              .findStatic(
                  Executors.class,
                  "newVirtualThreadPerTaskExecutor",
                  MethodType.methodType(ExecutorService.class));
      return (ExecutorService) virtual.invokeExact();
    } catch (NoSuchMethodException e) {
      return pool();
    } catch (Throwable e) {
      throw new IllegalStateException("no virtual threads although the JVM has them", e);
    }
  }

  /**
   * A pool of daemon threads that grows to 64, keeps 1,024 pieces of work waiting, refuses more.
   */
  static ExecutorService pool() {
    AtomicInteger number = new AtomicInteger();
    ThreadFactory threads =
        task -> {
          Thread thread = new Thread(task, "sluice-blocking-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        };
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            MAX_THREADS,
            MAX_THREADS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_QUEUE),
            threads);
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }
}
