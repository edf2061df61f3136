package io.sluice.plugin.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.LongSupplier;

/**
 * Time that passes only when the test says so: wall clock and ticker in one, in step. Begins on
 * 2026-01-01 at midnight, UTC, with a ticker of 1 s. Thread-safe.
 */
public final class FakeClock extends Clock {

  private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");
  private static final long FIRST_TICK = 1_000_000_000L;

  private long passedNanos;

  /** Lets time pass. */
  public synchronized FakeClock advance(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("time does not run backwards: " + time);
    }
    passedNanos += time.toNanos();
    return this;
  }

  /** Nanoseconds by the ticker. */
  public synchronized long nanos() {
    return FIRST_TICK + passedNanos;
  }

  /** This clock in the shape that plugins are given. */
  public LongSupplier ticker() {
    return this::nanos;
  }

  @Override
  public synchronized Instant instant() {
    return BEGINNING.plusNanos(passedNanos);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("fake time is UTC");
  }
}
