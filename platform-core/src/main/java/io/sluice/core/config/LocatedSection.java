package io.sluice.core.config;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.config.ConfigValue;
import java.util.Collection;
import java.util.List;

/**
 * A block of the configuration with what the core needs beyond the plugin API. Every section that
 * this package hands out is one; {@link #of} recovers the type.
 *
 * <p>Used on the configuration thread only.
 */
public interface LocatedSection extends ConfigSection {

  /** The section seen as the core sees it; {@code section} must come from this package. */
  static LocatedSection of(ConfigSection section) {
    if (section instanceof LocatedSection located) {
      return located;
    }
    throw new IllegalArgumentException(
        "not a section of the core: " + section.getClass().getName());
  }

  @Override
  LocatedSection empty(String key);

  /** A value that may be a text, a list or a block. */
  ConfigValue<Element> element(String key);

  /**
   * A list whose members may be texts, lists or blocks; a single text or block stands for a list of
   * one.
   */
  ConfigValue<List<Element>> elements(String key);

  /**
   * Records that the value of {@code key} names nothing that exists, and offers the closest of the
   * names that do.
   *
   * @param problem for instance {@code unknown upstream "usres"}
   */
  void unknown(String key, String problem, Collection<String> known);

  /**
   * The block in one canonical notation, for telling whether two blocks say the same: the order of
   * keys, comments, places and the quoting of scalars do not count; the order of lists does.
   * Contains secrets; never show it.
   */
  String canonical();

  /** The block as JSON, with secrets masked, for showing. */
  String effective();

  /**
   * What both blocks say: this one where it says something, else {@code below}; blocks within them
   * alike, lists as a whole. Problems are reported where the value was written. What nobody reads
   * of the answer is unread, of this block no longer.
   *
   * @param below a section of the same configuration
   */
  LocatedSection over(LocatedSection below);

  /**
   * Records a problem for each key, here and in the blocks read from here, that nobody read. Call
   * once, after everything was read.
   */
  void reportUnread();

  /**
   * Counts everything in this block as read: for a block whose reader is not known, such as that of
   * a plugin that does not exist, so that one mistake is reported once.
   */
  void ignoreUnread();
}
