/**
 * The outage suite: a real Toxiproxy stands between the unpacked zip and real nginx, and breaks the
 * way to them in every way it knows. {@link io.sluice.distribution.outage.Matrix} is the table of
 * what is expected; {@link io.sluice.distribution.outage.OutageMatrixIT} holds Sluice to it.
 */
@NullMarked
package io.sluice.distribution.outage;

import org.jspecify.annotations.NullMarked;
