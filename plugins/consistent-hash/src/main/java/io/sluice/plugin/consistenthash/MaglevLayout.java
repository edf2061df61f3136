package io.sluice.plugin.consistenthash;

import java.util.Arrays;

/**
 * The lookup table of Maglev (D. Eisenbud et al., "Maglev: A Fast and Reliable Software Network
 * Load Balancer", NSDI 2016, §3.4): every endpoint has an order of its own in which it would take
 * the slots, an offset and a skip made of two hashes of its id, and they take turns at taking the
 * next slot that is free. Shares come out even to a slot or so; when an endpoint goes, its slots
 * are dealt out anew and a few others change hands.
 *
 * <p>An endpoint's turn comes in proportion to its weight: the heaviest takes a slot in every
 * round, the others in as many rounds as their share of its weight says. Each takes one in the
 * first round, so that none is left out while there are slots.
 */
final class MaglevLayout implements Layout {

  private static final char FREE = Character.MAX_VALUE;

  private final char[] owners;

  private MaglevLayout(char[] owners) {
    this.owners = owners;
  }

  /**
   * Fills a table.
   *
   * @param size the number of slots, a prime
   */
  static MaglevLayout of(String[] ids, int[] weights, int size) {
    // 65,535 endpoints have an index that a char can hold, and their order is that of the config.
    int count = Math.min(ids.length, FREE);
    int heaviest = 1;
    for (int i = 0; i < count; i++) {
      heaviest = Math.max(heaviest, weights[i]);
    }
    long[] next = new long[count];
    long[] skip = new long[count];
    for (int i = 0; i < count; i++) {
      next[i] = Long.remainderUnsigned(XxHash64.hash(ids[i], 0), size);
      skip[i] = Long.remainderUnsigned(XxHash64.hash(ids[i], 1), size - 1L) + 1;
    }
    char[] owners = new char[size];
    Arrays.fill(owners, FREE);
    long[] credit = new long[count];
    Arrays.fill(credit, heaviest);
    int taken = 0;
    while (true) {
      for (int i = 0; i < count; i++) {
        if (credit[i] >= heaviest) {
          credit[i] -= heaviest;
          int slot = (int) next[i];
          while (owners[slot] != FREE) {
            slot = (int) ((slot + skip[i]) % size);
          }
          owners[slot] = (char) i;
          next[i] = (slot + skip[i]) % size;
          if (++taken == size) {
            return new MaglevLayout(owners);
          }
        }
        credit[i] += weights[i];
      }
    }
  }

  @Override
  public int size() {
    return owners.length;
  }

  @Override
  public int slot(long hash) {
    return (int) ((hash >>> 1) % owners.length);
  }

  @Override
  public int owner(int slot) {
    return owners[slot];
  }
}
