/**
 * Balances by requests in flight. Start reading at {@link
 * io.sluice.plugin.leastrequest.LeastRequestFactory}, then {@code LeastRequestBalancer}.
 */
@NullMarked
package io.sluice.plugin.leastrequest;

import org.jspecify.annotations.NullMarked;
