package io.sluice.plugin.discoverykubernetes;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.sluice.api.PluginContext;
import io.sluice.api.upstream.EndpointDiscovery;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Tells the endpoints of a Service whenever its slices changed, changes close together as one. What
 * the API server says counts, so a Service without endpoints has none here; while it cannot be
 * asked they stay as they are. A watch that is open again after trouble is noticed within seconds.
 */
final class KubernetesDiscovery implements EndpointDiscovery, SliceWatch.Events {

  /** Over which changes are gathered: a rollout touches several slices at a time. */
  private static final Duration GATHER = Duration.ofMillis(100);

  /** How often it is looked whether trouble is over, or the start has to be tried again. */
  private static final Duration LOOK = Duration.ofSeconds(5);

  private final KubernetesDiscoveryConfig config;
  private final PluginContext context;
  private final AtomicBoolean planned = new AtomicBoolean();

  private @Nullable Listener listener;
  private @Nullable SliceWatch watch;
  private @Nullable List<EndpointSpec> told;
  private boolean troubled;
  private boolean closed;

  KubernetesDiscovery(KubernetesDiscoveryConfig config, PluginContext context) {
    this.config = config;
    this.context = context;
  }

  @Override
  public void start(Listener newListener) {
    synchronized (this) {
      listener = newListener;
    }
    offload(this::open);
    context.scheduleRepeatedly(LOOK, LOOK, this::look);
  }

  private void offload(Runnable work) {
    context.offload(
        () -> {
          work.run();
          return null;
        });
  }

  private synchronized void open() {
    if (closed || watch != null) {
      return;
    }
    try {
      watch = new SliceWatch(config, this);
    } catch (IOException | RuntimeException e) {
      failed("the connection to the API server cannot be set up: " + e.getMessage(), e);
    }
  }

  private void look() {
    boolean missing;
    boolean trouble;
    synchronized (this) {
      missing = watch == null;
      trouble = troubled;
    }
    if (missing) {
      offload(this::open);
    } else if (trouble) {
      changed();
    }
  }

  @Override
  public void changed() {
    if (planned.compareAndSet(false, true)) {
      context.schedule(
          GATHER,
          () -> {
            planned.set(false);
            offload(this::tell);
          });
    }
  }

  private synchronized void tell() {
    SliceWatch open = watch;
    Listener to = listener;
    if (closed || open == null || to == null) {
      return;
    }
    List<EndpointSlice> slices = open.slices();
    if (slices == null) {
      return;
    }
    try {
      List<EndpointSpec> found = new SliceEndpoints(config).of(slices);
      // Where lists come and watches do not, there is news with each list, and trouble still.
      if (troubled && !open.watching() && found.equals(told)) {
        return;
      }
      troubled = !open.watching();
      told = found;
      to.onEndpoints(found);
    } catch (PortUnknown e) {
      troubled = true;
      to.onError(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public synchronized void failed(String problem, Throwable cause) {
    Listener to = listener;
    if (!closed && to != null) {
      troubled = true;
      to.onError(problem, cause);
    }
  }

  @Override
  public void close() {
    SliceWatch open;
    synchronized (this) {
      closed = true;
      listener = null;
      open = watch;
      watch = null;
    }
    if (open != null) {
      open.close();
    }
  }
}
