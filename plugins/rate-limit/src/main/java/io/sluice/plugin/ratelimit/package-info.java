/**
 * Bounds how many requests each client may send. Start reading at {@link
 * io.sluice.plugin.ratelimit.RateLimitFactory}, then {@code RateLimitMiddleware} and {@code
 * LocalStore}.
 */
@NullMarked
package io.sluice.plugin.ratelimit;

import org.jspecify.annotations.NullMarked;
