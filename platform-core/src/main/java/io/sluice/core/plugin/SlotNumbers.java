package io.sluice.core.plugin;

import java.util.BitSet;

/**
 * Numbers the places of plugins' own state: attributes of exchanges and slots of endpoints. One for
 * the process, as instances are carried over from one generation to the next with their numbers.
 * Thread-safe.
 */
final class SlotNumbers {

  private final BitSet attributes = new BitSet();
  private int endpointSlots;

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

  /** Never used again: an endpoint that lives on would show one plugin the state of another. */
  synchronized int takeEndpointSlot() {
    return endpointSlots++;
  }
}
