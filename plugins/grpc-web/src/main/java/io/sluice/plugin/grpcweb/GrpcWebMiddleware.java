package io.sluice.plugin.grpcweb;

import io.sluice.api.http.HeaderName;
import io.sluice.api.http.Headers;
import io.sluice.api.middleware.Attribute;
import io.sluice.api.middleware.BodyTransform;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.plugin.grpcweb.ContentType.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * Translates between gRPC-Web ("PROTOCOL-WEB" of the gRPC project) on the client's side and gRPC on
 * the endpoint's. What differs: the content type; the trailers, which here are one more frame of
 * the body; and base64 around the body where the client asked for text. Messages pass untouched,
 * compressed ones included, and each as soon as it comes. Every other request is let alone.
 */
final class GrpcWebMiddleware implements Middleware {

  private static final HeaderName CONTENT_TYPE = HeaderName.of("Content-Type");
  private static final HeaderName CONTENT_LENGTH = HeaderName.of("Content-Length");
  private static final HeaderName ACCEPT = HeaderName.of("Accept");
  private static final HeaderName TE = HeaderName.of("TE");
  private static final HeaderName TRAILER = HeaderName.of("Trailer");
  private static final HeaderName GRPC_STATUS = HeaderName.of("grpc-status");

  private final Attribute<Call> calls;

  GrpcWebMiddleware(Attribute<Call> calls) {
    this.calls = calls;
  }

  /** One call of a browser. */
  static final class Call {
    private final boolean textAsked;
    private final Protocol answer;
    private boolean translated;
    private boolean statusInHead;

    private Call(ContentType type, @Nullable String accept) {
      this.textAsked = type.protocol() == Protocol.WEB_TEXT;
      this.answer = answer(type.protocol(), accept);
    }

    /** The first kind of gRPC-Web that the client says it takes, else that of its request. */
    private static Protocol answer(Protocol asked, @Nullable String accept) {
      if (accept != null) {
        for (String member : accept.split(",", -1)) {
          ContentType type = ContentType.of(member.strip());
          if (type != null && type.isWeb()) {
            return type.protocol();
          }
        }
      }
      return asked;
    }
  }

  @Override
  public Flow onRequest(Exchange exchange) {
    Headers headers = exchange.request().headers();
    ContentType type = ContentType.of(headers.get(CONTENT_TYPE));
    if (type == null || !type.isWeb() || !exchange.request().method().equals("POST")) {
      return Flow.CONTINUE;
    }
    exchange.set(calls, new Call(type, headers.get(ACCEPT)));
    headers.set(CONTENT_TYPE, type.in(Protocol.GRPC).toString());
    headers.set(TE, "trailers");
    headers.remove(ACCEPT);
    return Flow.CONTINUE;
  }

  @Override
  public @Nullable BodyTransform requestBody(Exchange exchange) {
    Call call = exchange.get(calls);
    return call != null && call.textAsked ? new TextDecoding() : null;
  }

  @Override
  public Flow onResponse(Exchange exchange) {
    Call call = exchange.get(calls);
    if (call == null) {
      return Flow.CONTINUE;
    }
    Headers headers = exchange.response().headers();
    ContentType type = ContentType.of(headers.get(CONTENT_TYPE));
    call.translated = type != null && !type.isWeb();
    if (type != null && call.translated) {
      headers.set(CONTENT_TYPE, type.in(call.answer).toString());
      headers.remove(TRAILER);
      call.statusInHead = headers.contains(GRPC_STATUS);
    }
    return Flow.CONTINUE;
  }

  @Override
  public @Nullable BodyTransform responseBody(Exchange exchange) {
    Call call = exchange.get(calls);
    if (call == null || !call.translated) {
      return null;
    }
    exchange.response().headers().remove(CONTENT_LENGTH);
    return new TrailersInBody(call.answer == Protocol.WEB_TEXT, call.statusInHead);
  }
}
