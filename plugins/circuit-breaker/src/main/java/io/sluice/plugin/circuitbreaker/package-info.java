/**
 * Stops asking an upstream that fails or is too slow, and finds out when it is well again. Start
 * reading at {@link io.sluice.plugin.circuitbreaker.StandardBreakerFactory}, then {@code
 * StandardBreaker} and {@code Transition}.
 */
@NullMarked
package io.sluice.plugin.circuitbreaker;

import org.jspecify.annotations.NullMarked;
