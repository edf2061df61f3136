package io.sluice.core.exchange;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.http.Headers;
import io.sluice.api.http.HttpVersion;
import io.sluice.api.middleware.BodyTransform;
import io.sluice.api.middleware.Outcome;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.upstream.EndpointState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of middleware that see or edit what passes and do not decide where it goes: attempts,
 * informational heads, transforms, trailers, the end. On the exchange's event loop.
 */
final class SideSteps {

  private static final Logger log = LoggerFactory.getLogger(SideSteps.class);

  private final HttpExchange exchange;
  private final MiddlewareChain chain;

  SideSteps(HttpExchange exchange) {
    this.exchange = exchange;
    this.chain = exchange.chain;
  }

  /** An attempt is about to be sent with {@code head}. */
  void attempt(ParsedRequest head, EndpointState endpoint) {
    for (MiddlewareBinding binding : chain.bindings()) {
      if (binding.seesAttempts()) {
        try {
          binding.middleware().onAttempt(exchange, head, endpoint);
        } catch (RuntimeException e) {
          raise(binding, e);
        }
      }
    }
  }

  /** A 1xx came: relays it, to clients that know of such. */
  void informational(ParsedResponse head) {
    if (exchange.request().version() == HttpVersion.HTTP_1_0) {
      return;
    }
    MiddlewareBinding[] bindings = chain.bindings();
    for (int i = chain.ran() - 1; i >= 0; i--) {
      try {
        bindings[i].middleware().onInformational(exchange, head);
      } catch (RuntimeException e) {
        log.warn("exchange {}: {} threw at a 1xx", exchange.id(), bindings[i].name(), e);
      }
    }
    exchange.downstream().writeInformational(head);
  }

  /** The transform of the request's content that a middleware wants, or null. */
  @Nullable BodyTransform requestTransform(MiddlewareBinding binding) {
    try {
      return binding.middleware().requestBody(exchange);
    } catch (RuntimeException e) {
      raise(binding, e);
      return null;
    }
  }

  /** The transforms of the response's content, in the order in which it passes them. */
  List<BodyTransform> responseTransforms() {
    List<BodyTransform> transforms = new ArrayList<>(0);
    MiddlewareBinding[] bindings = chain.bindings();
    for (int i = chain.ran() - 1; i >= 0; i--) {
      if (bindings[i].readsResponseBody()) {
        try {
          BodyTransform transform = bindings[i].middleware().responseBody(exchange);
          if (transform != null) {
            transforms.add(transform);
          }
        } catch (RuntimeException e) {
          if (!bindings[i].continueOnError()) {
            transforms.forEach(BodyTransform::onAbort);
          }
          raise(bindings[i], e);
        }
      }
    }
    return transforms;
  }

  /** The trailer section of the response is about to be sent. */
  void trailers(Headers trailers) {
    MiddlewareBinding[] bindings = chain.bindings();
    for (int i = chain.ran() - 1; i >= 0; i--) {
      if (bindings[i].seesTrailers()) {
        try {
          bindings[i].middleware().onTrailers(exchange, trailers);
        } catch (RuntimeException e) {
          raise(bindings[i], e);
        }
      }
    }
  }

  /** The exchange ended. */
  void complete(Outcome outcome) {
    MiddlewareBinding[] bindings = chain.bindings();
    for (int i = chain.ran() - 1; i >= 0; i--) {
      try {
        bindings[i].middleware().onComplete(exchange, outcome);
      } catch (RuntimeException e) {
        log.error("exchange {}: {} threw at its end", exchange.id(), bindings[i].name(), e);
      }
    }
  }

  /** A step threw: goes on where the binding says so. */
  private void raise(MiddlewareBinding binding, RuntimeException cause) {
    if (!binding.continueOnError()) {
      log.error("exchange {}: {} failed", exchange.id(), binding.name(), cause);
      throw new ProxyError(ErrorKind.INTERNAL_ERROR, false, "", cause);
    }
    log.warn("exchange {}: {} threw, going on", exchange.id(), binding.name(), cause);
  }
}
