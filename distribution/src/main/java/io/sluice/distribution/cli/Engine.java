package io.sluice.distribution.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The proxy as the command line sees it. One implementation drives the real one; tests of commands
 * and signals bring their own.
 */
interface Engine {

  /**
   * Starts the proxy and returns when every listener is bound.
   *
   * @throws Refusal the config is invalid, or something it needs cannot be had
   */
  Running start(Path config) throws Refusal;

  /** Every problem of the config, in the order of the file; empty when it is valid. */
  List<String> check(Path config) throws Refusal;

  /**
   * What would happen to a request, as text. Sends nothing.
   *
   * @throws IllegalArgumentException for a method or URL that cannot be; its message is shown
   */
  String explain(Path config, Request request) throws Refusal;

  /**
   * Every plugin that a config can name.
   *
   * @param config whose {@code runtime.plugins} to look in, or null for the installation's own
   */
  List<Plugin> plugins(@Nullable Path config) throws Refusal;

  /**
   * A request to explain.
   *
   * @param clientCertificate PEM file of what the client shows, its own certificate first; or null
   */
  record Request(
      String method,
      String url,
      List<Map.Entry<String, String>> headers,
      @Nullable Path clientCertificate) {}

  /** One plugin: what it is, where it came from, and what can be set. */
  record Plugin(String kind, String type, String source, String apiVersion, List<Key> keys) {}

  /**
   * One config key of a plugin.
   *
   * @param fallback the default as in a config; empty where there is none
   */
  record Key(String path, String type, String fallback, String meaning, boolean required) {}

  /** One listener that is bound. */
  record Listener(String name, List<String> addresses) {}

  /** What a reload did. */
  record Reload(boolean accepted, List<String> lines) {}

  /** A started proxy. Used by one thread. */
  interface Running extends AutoCloseable {

    List<Listener> listeners();

    int upstreams();

    int endpoints();

    /** Where the admin API answers, {@code host:port}, or null when it is off. */
    @Nullable String admin();

    Duration shutdownTimeout();

    /** Reads the config again; the old one stays in force when the new one has problems. */
    Reload reload();

    /**
     * Stops accepting and waits until everything in flight has ended, for at most {@link
     * #shutdownTimeout}.
     *
     * @return whether everything ended in time
     */
    boolean drain();

    /** Closes whatever is still open. */
    @Override
    void close();
  }
}
