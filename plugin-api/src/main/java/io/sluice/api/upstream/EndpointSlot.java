package io.sluice.api.upstream;

/**
 * A typed place at every endpoint for one plugin's own state, by index. From {@link
 * io.sluice.api.PluginContext#endpointSlot}.
 *
 * @param <T> what is kept; thread-safe
 */
public final class EndpointSlot<T> {

  private final int index;
  private final Class<T> type;

  /** For the platform, which numbers the slots of the process from 0. */
  public EndpointSlot(int index, Class<T> type) {
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
