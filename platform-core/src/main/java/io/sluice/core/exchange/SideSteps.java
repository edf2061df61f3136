package io.sluice.core.exchange;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.http.Headers;
import io.sluice.api.http.HttpVersion;
import io.sluice.api.middleware.BodyTransform;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.Outcome;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.plugin.Fatal;
import io.sluice.core.upstream.EndpointState;
import java.util.ArrayList;
import java.util.List;
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
        } catch (Throwable e) {
          raise(binding, e);
        }
      }
    }
  }

  /**
   * A 1xx came: relays it, to clients that know of such. No window holds them back, so for a client
   * that does not read they are dropped, but for the 100 that its content may wait for.
   */
  void informational(ParsedResponse head) {
    if (exchange.request().version() == HttpVersion.HTTP_1_0) {
      return;
    }
    if (!exchange.downstream().writable()) {
      if (head.status() == 100) {
        exchange.downstream().writeContinue();
      }
      return;
    }
    MiddlewareBinding[] bindings = chain.bindings();
    for (int i = chain.ran() - 1; i >= 0; i--) {
      try {
        bindings[i].middleware().onInformational(exchange, head);
      } catch (Throwable e) {
        raise(bindings[i], e);
      }
    }
    exchange.downstream().writeInformational(head);
  }

  /** The transforms of the request's content, in the order in which it passes them. */
  List<BodyPipeline.Named> requestTransforms() {
    List<BodyPipeline.Named> transforms = new ArrayList<>(0);
    MiddlewareBinding[] bindings = chain.bindings();
    for (int i = 0; i < bindings.length; i++) {
      if (bindings[i].readsRequestBody()) {
        addTransform(bindings[i], true, transforms);
      }
    }
    return transforms;
  }

  /** The transforms of the response's content, in the order in which it passes them. */
  List<BodyPipeline.Named> responseTransforms() {
    List<BodyPipeline.Named> transforms = new ArrayList<>(0);
    MiddlewareBinding[] bindings = chain.bindings();
    for (int i = chain.ran() - 1; i >= 0; i--) {
      if (bindings[i].readsResponseBody()) {
        addTransform(bindings[i], false, transforms);
      }
    }
    return transforms;
  }

  private void addTransform(
      MiddlewareBinding binding, boolean request, List<BodyPipeline.Named> transforms) {
    try {
      Middleware middleware = binding.middleware();
      BodyTransform transform =
          request ? middleware.requestBody(exchange) : middleware.responseBody(exchange);
      if (transform != null) {
        transforms.add(new BodyPipeline.Named(transform, binding.name()));
      }
    } catch (Throwable e) {
      if (!binding.continueOnError()) {
        transforms.forEach(BodyPipeline.Named::abort);
      }
      raise(binding, e);
    }
  }

  /** The length that a transform declares for its output, or −1. */
  long contentLength(BodyPipeline.Named named) {
    try {
      return named.transform().contentLength();
    } catch (Throwable e) {
      throw failed(named.plugin(), e);
    }
  }

  /** Whether the head has to wait for what a transform writes. */
  boolean holdsHead(BodyPipeline.Named named) {
    try {
      return named.transform().holdsHead();
    } catch (Throwable e) {
      throw failed(named.plugin(), e);
    }
  }

  /** The trailer section of the response is about to be sent. */
  void trailers(Headers trailers) {
    MiddlewareBinding[] bindings = chain.bindings();
    for (int i = chain.ran() - 1; i >= 0; i--) {
      if (bindings[i].seesTrailers()) {
        try {
          bindings[i].middleware().onTrailers(exchange, trailers);
        } catch (Throwable e) {
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
      } catch (Throwable e) {
        Fatal.rethrow(e);
        log.error("exchange {}: {} threw at its end", exchange.id(), bindings[i].name(), e);
      }
    }
  }

  /**
   * A step threw: goes on where the binding says so.
   *
   * @throws ProxyError where it does not; the caller fails the exchange with it
   */
  private void raise(MiddlewareBinding binding, Throwable cause) {
    if (!binding.continueOnError()) {
      throw failed(binding.name(), cause);
    }
    Fatal.rethrow(cause);
    log.warn("exchange {}: {} threw, going on", exchange.id(), binding.name(), cause);
  }

  private ProxyError failed(String plugin, Throwable cause) {
    Fatal.rethrow(cause);
    log.error("exchange {}: {} failed", exchange.id(), plugin, cause);
    return new ProxyError(ErrorKind.INTERNAL_ERROR, false, "", cause);
  }
}
