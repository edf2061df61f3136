/**
 * Balances by a key of the request, so that one client, cookie or path keeps to one endpoint, and
 * few of them move when endpoints come or go. Start reading at {@link
 * io.sluice.plugin.consistenthash.RingHashFactory}, then {@code HashBalancer}, {@code RingLayout}
 * and {@code MaglevLayout}.
 */
@NullMarked
package io.sluice.plugin.consistenthash;

import org.jspecify.annotations.NullMarked;
