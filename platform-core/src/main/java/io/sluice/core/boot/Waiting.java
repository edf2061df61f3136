package io.sluice.core.boot;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for what starts or stops, ten seconds at most. Never on an event loop. */
@MayBlock
final class Waiting {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Waiting() {}

  static <T> T await(CompletionStage<T> stage) throws ExecutionException, StartFailed {
    try {
      return stage.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartFailed("interrupted", e);
    } catch (TimeoutException e) {
      throw new StartFailed("not done within " + LIMIT.toSeconds() + " s", e);
    }
  }

  /** Takes no more tasks and waits for those that it has. */
  static void finish(ExecutorService tasks) throws StartFailed {
    tasks.shutdown();
    try {
      if (!tasks.awaitTermination(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new StartFailed("plugins are still closing", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartFailed("interrupted", e);
    }
  }
}
