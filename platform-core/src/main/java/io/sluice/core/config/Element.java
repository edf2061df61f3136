package io.sluice.core.config;

import java.util.Collection;
import java.util.List;

/**
 * A value whose key allows several notations: a text, a list or a block, such as {@code access-log
 * = off} beside {@code access-log { … }}. Exactly one of {@link #isText}, {@link #isList} and
 * {@link #isSection} is true, except for the placeholder after a problem, where all are false.
 */
public interface Element {

  /** Where it stands: {@code routes[0].middleware[1]}. */
  String path();

  /** {@code file:line}, for messages. */
  String location();

  /** Whether it is a text. */
  boolean isText();

  /** Whether it is a list. */
  boolean isList();

  /** Whether it is a block. */
  boolean isSection();

  /** The text; empty where this is none. */
  String text();

  /** The members of the list; none where this is no list. */
  List<Element> elements();

  /**
   * The block; where this is a text or a list, an empty block at the same place, which is what a
   * bare plugin type is configured by.
   */
  LocatedSection section();

  /**
   * Records a problem with this value.
   *
   * @param expected completes "expected: …"; may be empty
   */
  void problem(String problem, String expected);

  /**
   * Records that this text names nothing that exists, and offers the closest of the names that do.
   *
   * @param problem for instance {@code unknown middleware "cros"}
   */
  void unknown(String problem, Collection<String> known);
}
