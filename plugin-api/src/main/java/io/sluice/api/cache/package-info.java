/**
 * Response caching as a kind of its own that the core drives. Start reading at {@link
 * io.sluice.api.cache.ResponseCache}.
 */
@NullMarked
package io.sluice.api.cache;

import org.jspecify.annotations.NullMarked;
