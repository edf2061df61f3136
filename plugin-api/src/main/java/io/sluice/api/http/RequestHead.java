package io.sluice.api.http;

import org.jspecify.annotations.Nullable;

/**
 * The control data and header section of a request (RFC 9110 §6.2, §6.3), after the framing guard
 * let it pass. Used on the exchange's event loop only, and only while the exchange lasts.
 *
 * <p>Middleware sees the client's request with its path normalised (RFC 3986 §6.2.2; dot segments
 * removed, unreserved octets decoded, encoded slashes kept). What an attempt changes for its
 * endpoint, such as a prefix stripped, happens on a copy and is not seen here.
 */
public interface RequestHead {

  /** The method, as received; methods are case-sensitive (RFC 9110 §9.1). */
  String method();

  /** {@code http} or {@code https}: how the client reached the listener. */
  String scheme();

  /** Host and optional port (RFC 3986 §3.2), as received; empty only for HTTP/1.0 without Host. */
  String authority();

  /** The host part of {@link #authority}, in lower case, without port. */
  String host();

  /** The normalised path, beginning with a slash; {@code *} for a server-wide OPTIONS. */
  String path();

  /** What stands behind the first question mark, undecoded, or null without one. */
  @Nullable String query();

  /** The version the client used. */
  HttpVersion version();

  /** The header section. */
  Headers headers();

  /**
   * Puts another path in place of {@link #path}. Called in {@code onRequest} of listener
   * middleware, it decides the route.
   *
   * @throws IllegalArgumentException when it does not begin with a slash or has an octet that a
   *     path may not have
   */
  void path(String path);

  /**
   * Puts another query in place of {@link #query}; null takes it away.
   *
   * @throws IllegalArgumentException when it has an octet that a query may not have
   */
  void query(@Nullable String query);
}
