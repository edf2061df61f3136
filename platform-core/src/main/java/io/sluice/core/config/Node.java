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
   */
  record Text(String text, Place place, boolean literal, State state) implements Node {}

  /** What is special about a text. */
  enum State {
    PLAIN,
    /** Comes from a reference whose name says that it is secret. */
    SECRET,
    /** Stands for a substitution that was already reported. */
    UNRESOLVED
  }

  /** A list. */
  record Items(List<Node> items, Place place) implements Node {
    public Items {
      items = List.copyOf(items);
    }
  }

  /** A block; its members iterate in the order of the file. */
  record Block(Map<String, Node> members, Place place) implements Node {}

  /** Whether this stands for a substitution that was already reported. */
  default boolean isUnresolved() {
    return this instanceof Text text && text.state() == State.UNRESOLVED;
  }

  /** What this is, for messages: "a text", "a list", "a block". */
  default String noun() {
    if (this instanceof Text) {
      return "a text";
    }
    return this instanceof Items ? "a list" : "a block";
  }
}
