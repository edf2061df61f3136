/**
 * Meters of the platform and of its plugins, their Prometheus exposition, and the fan-out of access
 * records. Start reading at {@link io.sluice.core.observe.MeterRegistry}; the names of the
 * platform's own meters stand in {@link io.sluice.core.observe.MetricNames}.
 *
 * <p>Meters are resolved when a configuration is loaded, through the {@link
 * io.sluice.core.observe.MeterScope} of its generation, and disappear with the last scope that
 * asked for them. On the hot path they only add to striped counters.
 */
@NullMarked
package io.sluice.core.observe;

import org.jspecify.annotations.NullMarked;
