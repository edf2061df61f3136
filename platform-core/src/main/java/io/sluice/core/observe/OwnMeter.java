package io.sluice.core.observe;

import com.codahale.metrics.Metric;

/** Marks the meters that {@link Exposition} writes itself, rather than the Dropwizard bridge. */
interface OwnMeter extends Metric {}
