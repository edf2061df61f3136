package io.sluice.api.error;

import static io.sluice.api.error.ProxyError.Source.DOWNSTREAM;
import static io.sluice.api.error.ProxyError.Source.INTERNAL;
import static io.sluice.api.error.ProxyError.Source.UPSTREAM;

import io.sluice.api.error.ProxyError.Source;
import org.jspecify.annotations.Nullable;

/**
 * Every way an exchange can fail, with the status that the client sees and the error type of the
 * Proxy-Status field (RFC 9209 §2.3). This is the one table; {@code docs/errors.md} is made from
 * it.
 */
public enum ErrorKind {
  /** No route matches. */
  NO_ROUTE(404, "destination_not_found", DOWNSTREAM, 12),
  /** Broken framing, request line, header or length. The connection is closed. */
  BAD_REQUEST(400, "http_request_error", DOWNSTREAM, 13),
  /** A transfer coding that is not known (RFC 9112 §6.1). The connection is closed. */
  UNKNOWN_TRANSFER_CODING(501, "http_request_error", DOWNSTREAM, 13),
  /** A version other than HTTP/1.0 and HTTP/1.1 on the request line. The connection is closed. */
  UNSUPPORTED_VERSION(505, "http_request_error", DOWNSTREAM, 13),
  /** CONNECT and other methods that no route can serve. */
  METHOD_NOT_SUPPORTED(501, "http_request_error", DOWNSTREAM, 12),
  /** The header section is over its limit. */
  HEADERS_TOO_LARGE(431, "http_request_error", DOWNSTREAM, 8),
  /** The request line is over the header limit. */
  URI_TOO_LONG(414, "http_request_error", DOWNSTREAM, 8),
  /** The content is over its limit. */
  BODY_TOO_LARGE(413, "http_request_error", DOWNSTREAM, 8),
  /** The header or body deadline passed, or the body came too slowly. The connection is closed. */
  REQUEST_TIMEOUT(408, null, DOWNSTREAM, 4),
  /** The client's address or identity is refused by a policy. */
  DENIED(403, "http_request_denied", DOWNSTREAM, 7),
  /**
   * The connection began when the listener asked less of its clients, TLS or a certificate for
   * instance, than it does now (RFC 9110 §15.5.20). The connection is closed; on a new one the
   * request may be sent again.
   */
  MISDIRECTED(421, "http_request_denied", DOWNSTREAM, 14),
  /** The client went away. Nobody is left to see a status; logs write 499. */
  CLIENT_CLOSED(499, null, DOWNSTREAM, 1),
  /** Every endpoint is unhealthy or there is none. */
  NO_ENDPOINT(503, "destination_unavailable", UPSTREAM, 14),
  /** The endpoint's host name does not resolve. */
  DNS_ERROR(502, "dns_error", UPSTREAM, 14),
  /** The endpoint refused the connection, or could not be reached. */
  CONNECTION_REFUSED(502, "connection_refused", UPSTREAM, 14),
  /** The connection was not made in time. */
  CONNECTION_TIMEOUT(504, "connection_timeout", UPSTREAM, 14),
  /** The TLS handshake with the endpoint failed. */
  TLS_ERROR(502, "tls_protocol_error", UPSTREAM, 14),
  /** The endpoint's certificate is not accepted: not trusted, expired, or of another name. */
  TLS_CERTIFICATE_ERROR(502, "tls_certificate_error", UPSTREAM, 14),
  /** The endpoint refused TLS with an alert, for instance for want of a client certificate. */
  TLS_ALERT_RECEIVED(502, "tls_alert_received", UPSTREAM, 14),
  /** The endpoint closed or reset the connection before the response head. */
  CONNECTION_TERMINATED(502, "connection_terminated", UPSTREAM, 14),
  /** The endpoint's response breaks the protocol, or more than 100 1xx came before it. */
  BAD_RESPONSE(502, "http_protocol_error", UPSTREAM, 13),
  /** The response's header section is over its limit. */
  RESPONSE_TOO_LARGE(502, "http_response_header_section_size", UPSTREAM, 13),
  /** The first octet of the response did not come in time. */
  RESPONSE_TIMEOUT(504, "http_response_timeout", UPSTREAM, 4),
  /** The whole exchange took longer than the route allows. */
  REQUEST_DEADLINE(504, "http_response_timeout", UPSTREAM, 4),
  /** The endpoint broke off after the response began. The client never sees a clean end. */
  RESPONSE_BROKEN(502, "http_response_incomplete", UPSTREAM, 14),
  /** A limit or its queue is full. Sent with Retry-After. */
  LIMIT_REACHED(503, "connection_limit_reached", INTERNAL, 14),
  /** The upstream's circuit breaker is open. Sent with Retry-After. */
  CIRCUIT_OPEN(503, "destination_unavailable", UPSTREAM, 14),
  /** A rate limit is exceeded. Sent with Retry-After. */
  RATE_LIMITED(429, null, DOWNSTREAM, 8),
  /** The process is draining. */
  DRAINING(503, "destination_unavailable", INTERNAL, 14),
  /** A plugin failed or the proxy has a fault. */
  INTERNAL_ERROR(500, "proxy_internal_error", INTERNAL, 13);

  private final int status;
  private final @Nullable String proxyStatus;
  private final Source source;
  private final int grpcStatus;

  ErrorKind(int status, @Nullable String proxyStatus, Source source, int grpcStatus) {
    this.status = status;
    this.proxyStatus = proxyStatus;
    this.source = source;
    this.grpcStatus = grpcStatus;
  }

  /** The status that the client sees. */
  public int status() {
    return status;
  }

  /** The error type of the Proxy-Status field, or null where none fits. */
  public @Nullable String proxyStatus() {
    return proxyStatus;
  }

  /**
   * The code in {@code grpc-status} that a gRPC client sees in place of {@link #status}. Follows
   * gRPC's "HTTP to gRPC Status Code Mapping", which is for clients that know no more than the
   * status; where we know more, so do they: a deadline that passed is DEADLINE_EXCEEDED and not
   * UNAVAILABLE, which would invite another try, and a limit of theirs is RESOURCE_EXHAUSTED.
   */
  public int grpcStatus() {
    return grpcStatus;
  }

  /** On whose side the fault lies. */
  public Source source() {
    return source;
  }

  /** The name in logs, error bodies and metrics: {@code no_route}. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
