package io.sluice.api.upstream;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the endpoints of an upstream and says when they change. One instance for each upstream.
 *
 * <p>A source that fails keeps its last good answer: report the error and leave the endpoints
 * alone.
 */
public interface EndpointDiscovery extends AutoCloseable {

  /** Begins. Must not block; answers come later, from any thread, one at a time. */
  void start(Listener listener);

  /** Stops; no call to the listener begins afterwards. */
  @Override
  void close();

  /** Hears of changes. */
  interface Listener {
    /** The whole set as of now; an empty one takes every endpoint away. */
    void onEndpoints(List<EndpointSpec> endpoints);

    /** The source could not be asked. Logged on change, metered always. */
    void onError(String problem, @Nullable Throwable cause);
  }

  /**
   * An endpoint as found.
   *
   * @param host host name or address literal
   * @param port 1 to 65,535
   * @param weight 1 to 65,535
   * @param zone or null
   * @param backup whether it serves only while no other can
   */
  record EndpointSpec(String host, int port, int weight, @Nullable String zone, boolean backup) {}
}
