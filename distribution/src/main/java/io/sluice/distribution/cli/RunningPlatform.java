package io.sluice.distribution.cli;

import io.sluice.core.boot.Platform;
import io.sluice.core.boot.Platforms;
import io.sluice.core.boot.ReloadResult;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** The real proxy, started. */
final class RunningPlatform implements Engine.Running {

  private final Platform platform;

  RunningPlatform(Platform platform) {
    this.platform = platform;
  }

  @Override
  public List<Engine.Listener> listeners() {
    return platform.listeners().entrySet().stream()
        .map(
            bound ->
                new Engine.Listener(
                    bound.getKey(), bound.getValue().stream().map(Platforms::text).toList()))
        .toList();
  }

  @Override
  public int upstreams() {
    return platform.upstreams().size();
  }

  @Override
  public int endpoints() {
    return platform.endpoints();
  }

  @Override
  public @Nullable String admin() {
    SocketAddress address = platform.adminAddress();
    return address == null ? null : Platforms.text(address);
  }

  @Override
  public Duration shutdownTimeout() {
    return platform.shutdownTimeout();
  }

  @Override
  public Engine.Reload reload() {
    ReloadResult result = outcome(platform.reload());
    return new Engine.Reload(result.ok(), result.ok() ? result.changes() : result.problems());
  }

  @Override
  public boolean drain() {
    return outcome(platform.drain(platform.shutdownTimeout()));
  }

  @Override
  public void close() {
    platform.close();
  }

  /** Waits, on the thread of the session, which has nothing else to do. */
  private static <T> T outcome(CompletionStage<T> stage) {
    record Outcome<V>(@Nullable V value, @Nullable Throwable failure) {}
    BlockingQueue<Outcome<T>> outcomes = new LinkedBlockingQueue<>();
    stage.whenComplete((value, failure) -> outcomes.add(new Outcome<>(value, failure)));
    try {
      Outcome<T> outcome = outcomes.take();
      if (outcome.value() == null) {
        throw new CompletionException(outcome.failure());
      }
      return outcome.value();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(e);
    }
  }
}
