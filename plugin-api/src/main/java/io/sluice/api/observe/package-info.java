/**
 * What leaves the proxy about its own work: meters, access records, spans. Start reading at {@link
 * io.sluice.api.observe.Meters}.
 */
@NullMarked
package io.sluice.api.observe;

import org.jspecify.annotations.NullMarked;
