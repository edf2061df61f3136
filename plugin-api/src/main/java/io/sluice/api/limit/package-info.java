/**
 * Bounds: how many at once, how many per second, and when to stop asking at all. Start reading at
 * {@link io.sluice.api.limit.ConcurrencyLimiter}.
 */
@NullMarked
package io.sluice.api.limit;

import org.jspecify.annotations.NullMarked;
