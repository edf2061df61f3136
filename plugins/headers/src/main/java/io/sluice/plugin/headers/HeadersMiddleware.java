package io.sluice.plugin.headers;

import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;

/** Applies the edits to each request and to each response, those included that the proxy makes. */
final class HeadersMiddleware implements Middleware {

  private final HeadersConfig config;

  HeadersMiddleware(HeadersConfig config) {
    this.config = config;
  }

  @Override
  public Flow onRequest(Exchange exchange) {
    config.request().apply(exchange.request().headers(), exchange);
    return Flow.CONTINUE;
  }

  @Override
  public Flow onResponse(Exchange exchange) {
    config.response().apply(exchange.response().headers(), exchange);
    return Flow.CONTINUE;
  }
}
