package io.sluice.api.middleware;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.Chunk;
import io.sluice.api.http.RequestHead;
import io.sluice.api.http.ResponseHead;
import io.sluice.api.tls.ClientIdentity;
import io.sluice.api.upstream.Endpoint;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response. Lives on one event loop; everything here is to be used there,
 * during a call that hands it over. The object is reused: never keep a reference beyond {@code
 * onComplete}; from other threads use a {@link Resumption}.
 */
public interface Exchange {

  /** Unique in this process, 16 hexadecimal digits; logs and error bodies carry it. */
  String id();

  /** The client's request. */
  RequestHead request();

  /**
   * The final response, from the upstream, the cache or the proxy.
   *
   * @throws IllegalStateException before there is one
   */
  ResponseHead response();

  /** Whether {@link #response} has something to answer. */
  boolean hasResponse();

  /**
   * The client's address: of the connection, or, when that comes from a trusted proxy, the first
   * untrusted one in X-Forwarded-For, Forwarded or the PROXY protocol header.
   */
  SocketAddress client();

  /** {@link #client} as text without port: {@code 203.0.113.7}, {@code 2001:db8::1}. */
  String clientIp();

  /** The other end of the connection itself. */
  SocketAddress peer();

  /** Our end of the connection. */
  SocketAddress local();

  /** Whether {@link #peer} is one of the listener's trusted proxies. */
  boolean peerIsTrusted();

  /** The certificate that the client proved to hold, or null. */
  @Nullable X509Certificate clientCertificate();

  /**
   * Who the client is by its certificate, which {@code tls.client-ca} of the listener stands
   * behind; null without one. The same object for all exchanges of a connection.
   */
  default @Nullable ClientIdentity clientIdentity() {
    X509Certificate certificate = clientCertificate();
    return certificate == null ? null : ClientIdentity.of(certificate);
  }

  /** The name of the listener. */
  String listener();

  /** The name of the route, or null before one matched. */
  @Nullable String route();

  /** The name of the upstream, or null before one was chosen or where the route needs none. */
  @Nullable String upstream();

  /**
   * The endpoint of the attempt that answered, or that failed last; null before the first attempt.
   */
  @Nullable Endpoint endpoint();

  /**
   * A named group of the route's regular expression or a variable of the platform ({@code host},
   * {@code client-ip}, {@code exchange}, …), as {@code {name}} stands for in templates; null when
   * there is none.
   */
  @Nullable String variable(String name);

  /** When the first octet of the request arrived, by {@link System#nanoTime}. */
  long startNanos();

  /** The plugin's own state for this exchange, or null. */
  <T> @Nullable T get(Attribute<T> attribute);

  /** Keeps the plugin's own state for this exchange; null forgets it. */
  <T> void set(Attribute<T> attribute, @Nullable T value);

  /**
   * Parks the exchange. The caller then returns {@link Flow#SUSPENDED}.
   *
   * @param deadline how long at most; past it the exchange fails with 500 {@code
   *     proxy_internal_error}, the plugin named in the log
   */
  Resumption suspend(Duration deadline);

  /**
   * Reads the request's content into memory before the exchange goes on; the caller then returns
   * {@link Flow#SUSPENDED}. {@code Expect: 100-continue} is answered by the proxy. Content over
   * {@code maxBytes} is answered with 413 without running the resumption.
   *
   * @param resumption run when all of it is there; {@link #bufferedRequest} then answers it
   */
  void bufferRequest(int maxBytes, Resumption resumption);

  /** The whole request content after {@link #bufferRequest}; borrowed; null when not asked for. */
  @Nullable Chunk bufferedRequest();

  /**
   * Answers the request here and now with a small body. The caller then returns {@link
   * Flow#RESPONDED}. Content-Length is set; {@code headers} is copied.
   *
   * @param status 200 to 599
   * @param headers field lines, names to values
   * @param body content; may be empty
   */
  Flow respond(int status, Map<String, String> headers, byte[] body);

  /**
   * Refuses the request with the proxy's own small error body and Proxy-Status (RFC 9209). The
   * caller then returns {@link Flow#RESPONDED}.
   *
   * @param kind what the client is told, its status included
   * @param headers further field lines, names to values
   */
  default Flow refuse(ErrorKind kind, Map<String, String> headers) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put("Content-Type", "application/json");
    all.put("Cache-Control", "no-store");
    if (kind.proxyStatus() != null) {
      all.put("Proxy-Status", "sluice; error=" + kind.proxyStatus());
    }
    String body =
        "{\"status\":%d,\"error\":\"%s\",\"exchange\":\"%s\"}\n"
            .formatted(kind.status(), kind.label(), id());
    return respond(kind.status(), all, body.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Answers the request with streamed content. Without a Content-Length among {@code headers} it is
   * sent chunked.
   *
   * @param started gets the writer on the exchange's loop, once the head has passed every
   *     middleware
   */
  Flow respondStreaming(
      int status, Map<String, String> headers, java.util.function.Consumer<ResponseWriter> started);
}
