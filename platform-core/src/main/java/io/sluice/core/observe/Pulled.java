package io.sluice.core.observe;

import com.codahale.metrics.Gauge;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A number read when someone asks. Several scopes may have given a source for it; the latest one
 * that is still open answers.
 */
final class Pulled implements OwnMeter, Gauge<Double> {

  private static final Logger LOG = LoggerFactory.getLogger(Pulled.class);

  private record Source(MeterScope owner, DoubleSupplier value) {}

  private final String name;
  private final CopyOnWriteArrayList<Source> sources = new CopyOnWriteArrayList<>();
  private final AtomicBoolean failureLogged = new AtomicBoolean();

  Pulled(String name) {
    this.name = name;
  }

  void source(MeterScope owner, DoubleSupplier value) {
    sources.removeIf(source -> source.owner() == owner);
    sources.add(new Source(owner, value));
  }

  void forget(MeterScope owner) {
    sources.removeIf(source -> source.owner() == owner);
  }

  /** The present number; NaN when its source fails. */
  @Override
  public Double getValue() {
    Source[] now = sources.toArray(Source[]::new);
    if (now.length == 0) {
      return Double.NaN;
    }
    try {
      return now[now.length - 1].value().getAsDouble();
    } catch (RuntimeException e) {
      if (failureLogged.compareAndSet(false, true)) {
        LOG.warn("Gauge {} cannot be read and is exposed as NaN; logged once", name, e);
      }
      return Double.NaN;
    }
  }
}
