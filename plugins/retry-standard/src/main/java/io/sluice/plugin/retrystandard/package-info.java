/**
 * Retries by condition, with backoff, within a budget. Start reading at {@link
 * io.sluice.plugin.retrystandard.StandardRetryFactory}, then {@code StandardRetry}.
 */
@NullMarked
package io.sluice.plugin.retrystandard;

import org.jspecify.annotations.NullMarked;
