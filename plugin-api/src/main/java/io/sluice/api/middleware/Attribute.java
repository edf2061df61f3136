package io.sluice.api.middleware;

/**
 * A typed place in every exchange for one plugin's own state: an index into an array, not a key of
 * a map. Resolved once, when the plugin is created, by {@link
 * io.sluice.api.PluginContext#attribute(Class)}.
 *
 * @param <T> what is kept
 */
public final class Attribute<T> {

  private final int index;
  private final Class<T> type;

  /** For the platform, which numbers the places of a generation from 0. */
  public Attribute(int index, Class<T> type) {
    this.index = index;
    this.type = type;
  }

  /** The place. */
  public int index() {
    return index;
  }

  /** What is kept there. */
  public Class<T> type() {
    return type;
  }
}
