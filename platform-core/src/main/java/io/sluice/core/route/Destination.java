package io.sluice.core.route;

/** Where the requests of a route go. */
public sealed interface Destination permits Redirect, FixedResponse, WeightedUpstreams {}
