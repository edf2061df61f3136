package io.sluice.core.plugin;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Numbers the places of plugins' own state: attributes of exchanges and slots of endpoints. One for
 * the process, as instances are carried over from one generation to the next with their numbers.
 * Thread-safe.
 */
final class SlotNumbers {

  private final BitSet attributes = new BitSet();
  private final Map<String, Integer> endpointSlots = new HashMap<>();

  /**
   * The lowest number that is free, so that the arrays in exchanges stay short over many reloads.
   */
  synchronized int takeAttribute() {
    int number = attributes.nextClearBit(0);
    attributes.set(number);
    return number;
  }

  /** Frees a number; no exchange may use it any longer. */
  synchronized void giveBackAttribute(int number) {
    attributes.clear(number);
  }

  /** One more than the highest number taken. */
  synchronized int attributeCount() {
    return attributes.length();
  }

  /**
   * The number for an owner. The same owner gets the same number again, so what it keeps at an
   * endpoint outlives it, as the endpoint does; no other owner ever gets that number, as an
   * endpoint that lives on would show one plugin the state of another.
   */
  synchronized int endpointSlot(String owner) {
    return endpointSlots.computeIfAbsent(owner, added -> endpointSlots.size());
  }
}
