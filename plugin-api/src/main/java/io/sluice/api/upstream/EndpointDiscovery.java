package io.sluice.api.upstream;

import java.util.List;
import java.util.regex.Pattern;
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
    /**
     * The whole set as of now; an empty one takes every endpoint away. Also said of an answer that
     * is the same as before: it ends a time of errors. Of several at one address the first counts.
     */
    void onEndpoints(List<EndpointSpec> endpoints);

    /**
     * The source could not be asked, or what it said is not to be believed. Metered each time,
     * logged when {@code problem} is another one than before.
     *
     * @param problem a clause that is the same for the same trouble, shown to operators
     */
    void onError(String problem, @Nullable Throwable cause);
  }

  /**
   * An endpoint as found.
   *
   * @param host host name or address literal
   * @param port 1 to 65,535
   * @param weight 1 to 65,535
   * @param zone or null
   * @param priority 0 serves first; a higher number only while none of a lower one can
   * @param name what the endpoint calls itself where {@code host} is but an address: the host that
   *     it is asked for under {@code rewrite.host = upstream}, and the name that its certificate
   *     must have; letters, digits, {@code . _ -}, at most 253; null for {@code host}
   */
  record EndpointSpec(
      String host,
      int port,
      int weight,
      @Nullable String zone,
      int priority,
      @Nullable String name) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,253}");

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException when one is passed
     */
    public EndpointSpec {
      if (host.isEmpty()) {
        throw new IllegalArgumentException("an endpoint without a host");
      }
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("port " + port + " is not one from 1 to 65535");
      }
      if (weight < 1 || weight > 65_535) {
        throw new IllegalArgumentException("weight " + weight + " is not one from 1 to 65535");
      }
      if (priority < 0) {
        throw new IllegalArgumentException("priority " + priority + " is negative");
      }
      if (name != null && !isName(name)) {
        throw new IllegalArgumentException("\"" + name + "\" is not the name of a host");
      }
    }

    /** An endpoint that is called as its host is. */
    public EndpointSpec(String host, int port, int weight, @Nullable String zone, int priority) {
      this(host, port, weight, zone, priority, null);
    }

    /** Whether {@link #name} may be so. */
    public static boolean isName(String text) {
      return NAME.matcher(text).matches();
    }

    /** The same endpoint with another name. */
    public EndpointSpec named(@Nullable String newName) {
      return new EndpointSpec(host, port, weight, zone, priority, newName);
    }

    /** An endpoint of weight 1 in no zone that serves first. */
    public static EndpointSpec at(String host, int port) {
      return new EndpointSpec(host, port, 1, null, 0);
    }
  }
}
