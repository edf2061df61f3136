package io.sluice.api.upstream;

import org.jspecify.annotations.Nullable;

/**
 * One address of an upstream. Its identity is upstream + address: it survives a reload that keeps
 * both, along with its counters, health and slots. May be used from any thread.
 */
public interface Endpoint {

  /** The id for the admin API and for metrics: {@code 10.0.0.1:9090}, unique in its upstream. */
  String id();

  /** Host name or address literal, as configured or discovered. */
  String host();

  /** The port, or 0 for a Unix-domain socket. */
  int port();

  /** The path that replaces what the route matched; empty when the endpoint's URL has none. */
  String basePath();

  /** Relative weight, 1 to 65,535; 1 by default. */
  int weight();

  /**
   * {@link #weight} scaled by slow start, up to weight and never 0. What balancers use; while it
   * grows they are asked for new pickers.
   */
  double effectiveWeight();

  /** The zone that the endpoint stands in, or null. */
  @Nullable String zone();

  /** Whether it serves only while no other endpoint can: its {@link #priority} is not 0. */
  boolean backup();

  /** 0 for those that serve first; a higher one serves only while none of a lower one can. */
  default int priority() {
    return backup() ? 1 : 0;
  }

  /** Attempts in flight to this endpoint, over all event loops. */
  int activeRequests();

  /** Open connections to this endpoint, over all event loops. */
  int openConnections();

  /** This plugin's own state at this endpoint, or null. */
  <T> @Nullable T get(EndpointSlot<T> slot);

  /** Keeps {@code value} in the slot if nothing is there yet; answers what is there afterwards. */
  <T> T getOrSet(EndpointSlot<T> slot, T value);
}
