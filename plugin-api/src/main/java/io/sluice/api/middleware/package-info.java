/**
 * Per-exchange steps. Start reading at {@link io.sluice.api.middleware.Middleware}, then {@link
 * io.sluice.api.middleware.Exchange}.
 */
@NullMarked
package io.sluice.api.middleware;

import org.jspecify.annotations.NullMarked;
