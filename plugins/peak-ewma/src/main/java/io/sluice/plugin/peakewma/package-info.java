/**
 * Balances by how long endpoints take and by what they have in flight. Start reading at {@link
 * io.sluice.plugin.peakewma.PeakEwmaFactory}, then {@code PeakEwmaBalancer} and {@code Estimate}.
 */
@NullMarked
package io.sluice.plugin.peakewma;

import org.jspecify.annotations.NullMarked;
