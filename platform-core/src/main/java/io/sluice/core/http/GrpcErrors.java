package io.sluice.core.http;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HeaderName;
import io.sluice.api.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The proxy's own errors as gRPC clients read them: status 200 and no content, the code and what it
 * is about among the header fields ("Trailers-Only" in gRPC's "gRPC over HTTP2").
 */
public final class GrpcErrors {

  private static final HeaderName CONTENT_TYPE = HeaderName.of("Content-Type");
  private static final HeaderName GRPC_STATUS = HeaderName.of("grpc-status");
  private static final HeaderName GRPC_MESSAGE = HeaderName.of("grpc-message");
  private static final HeaderName PROXY_STATUS = HeaderName.of("Proxy-Status");
  private static final String TYPE = "application/grpc";

  private GrpcErrors() {}

  /**
   * Whether a request is a gRPC call: its content is {@code application/grpc}, of any subtype. What
   * browsers send, {@code application/grpc-web}, is another protocol.
   */
  public static boolean isCall(Headers request) {
    String type = request.get(CONTENT_TYPE);
    if (type == null || !type.regionMatches(true, 0, TYPE, 0, TYPE.length())) {
      return false;
    }
    return type.length() == TYPE.length() || "+; \t".indexOf(type.charAt(TYPE.length())) >= 0;
  }

  /**
   * Writes the header fields of the response to such a call; there is no content.
   *
   * @param exchange the id of the exchange, as the log has it
   * @param clientMessage what happened in words that the client may read, or null
   */
  public static void write(
      Headers response, ErrorKind kind, String exchange, @Nullable String clientMessage) {
    response.set(CONTENT_TYPE, TYPE);
    response.set(GRPC_STATUS, Integer.toString(kind.grpcStatus()));
    String about = clientMessage == null || clientMessage.isEmpty() ? "" : ": " + clientMessage;
    response.set(GRPC_MESSAGE, encoded(kind.label() + about + " (exchange " + exchange + ")"));
    String proxyStatus = ErrorResponses.proxyStatus(kind, clientMessage);
    if (proxyStatus != null) {
      response.set(PROXY_STATUS, proxyStatus);
    }
  }

  /** Percent-encoded where gRPC's "Status-Message" asks for it: all but printable ASCII, and %. */
  static String encoded(String message) {
    StringBuilder text = new StringBuilder(message.length() + 8);
    for (byte octet : message.getBytes(StandardCharsets.UTF_8)) {
      if (octet < ' ' || octet > '~' || octet == '%') {
        text.append(String.format(Locale.ROOT, "%%%02X", octet & 0xFF));
      } else {
        text.append((char) octet);
      }
    }
    return text.toString();
  }
}
