/**
 * Policies over the endpoints of an upstream: which one, is it healthy, try again or not, where do
 * they come from. Start reading at {@link io.sluice.api.upstream.LoadBalancer}.
 */
@NullMarked
package io.sluice.api.upstream;

import org.jspecify.annotations.NullMarked;
