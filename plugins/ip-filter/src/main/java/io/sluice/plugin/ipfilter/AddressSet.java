package io.sluice.plugin.ipfilter;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A set of addresses as sorted, disjoint ranges: a look-up is one binary search, whether ten blocks
 * were given or a hundred thousand. Immutable.
 */
final class AddressSet {

  private final Cidr[] ranges;

  private AddressSet(Cidr[] ranges) {
    this.ranges = ranges;
  }

  static AddressSet of(List<Cidr> cidrs) {
    List<Cidr> sorted = new ArrayList<>(cidrs);
    sorted.sort(
        Comparator.comparing(Cidr::first).thenComparing(Cidr::last, Comparator.reverseOrder()));
    // Blocks either nest or are apart, so one that begins inside the one before ends inside it too.
    List<Cidr> disjoint = new ArrayList<>();
    for (Cidr cidr : sorted) {
      if (disjoint.isEmpty()
          || cidr.first().compareTo(disjoint.get(disjoint.size() - 1).last()) > 0) {
        disjoint.add(cidr);
      }
    }
    return new AddressSet(disjoint.toArray(new Cidr[0]));
  }

  boolean isEmpty() {
    return ranges.length == 0;
  }

  boolean contains(Address address) {
    int low = 0;
    int high = ranges.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (address.compareTo(ranges[middle].first()) < 0) {
        high = middle - 1;
      } else if (address.compareTo(ranges[middle].last()) > 0) {
        low = middle + 1;
      } else {
        return true;
      }
    }
    return false;
  }
}
