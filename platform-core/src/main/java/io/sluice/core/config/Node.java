package io.sluice.core.config;

import java.util.List;
import java.util.Map;

/** The configuration after includes, merging and substitution: text, lists and blocks. */
sealed interface Node permits Node.Text, Node.Items, Node.Block {

  /** Where the value was written. */
  Place place();

  /**
   * A scalar as it was written, so that {@code 1.10} stays {@code 1.10}.
   *
   * @param literal whether it was a bare number or boolean, which JSON output shows as such
   * @param unresolved whether it stands for a substitution that was already reported
   */
  record Text(String text, Place place, boolean literal, boolean unresolved) implements Node {}

  /** A list. */
  record Items(List<Node> items, Place place) implements Node {
    public Items {
      items = List.copyOf(items);
    }
  }

  /** A block; its members iterate in the order of the file. */
  record Block(Map<String, Node> members, Place place) implements Node {}

  /** What this is, for messages: "a text", "a list", "a block". */
  default String noun() {
    if (this instanceof Text) {
      return "a text";
    }
    return this instanceof Items ? "a list" : "a block";
  }
}
