package io.sluice.plugin.consistenthash;

/**
 * Which endpoint has which part of the hashes: slots in a circle, each owned by one endpoint. Who
 * walks on from slot to slot meets endpoints in an order that the hash decides. Immutable.
 */
interface Layout {

  /** How many slots there are. */
  int size();

  /** The slot that a hash falls on. */
  int slot(long hash);

  /** The index of the endpoint that owns a slot. */
  int owner(int slot);

  /** Makes layouts. */
  @FunctionalInterface
  interface Maker {
    /**
     * Lays endpoints out. May take some milliseconds.
     *
     * @param ids at least one; an endpoint's places depend on its id
     * @param weights one for each, at least 1
     */
    Layout of(String[] ids, int[] weights);
  }
}
