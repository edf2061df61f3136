package io.sluice.core.exchange;

import io.sluice.api.http.Headers;
import io.sluice.api.http.RequestHead;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.upstream.Endpoint;
import io.sluice.core.observe.Histogram;

/**
 * A middleware in its place: under which name, and what becomes of an exchange where it throws.
 * Which of the rarer steps it implements is found out once, so that exchanges do not pay for those
 * it lacks.
 */
public final class MiddlewareBinding {

  private final String name;
  private final Middleware middleware;
  private final boolean continueOnError;
  private final Histogram duration;
  private final boolean seesAttempts;
  private final boolean readsRequestBody;
  private final boolean readsResponseBody;
  private final boolean seesTrailers;

  /**
   * A binding.
   *
   * @param name for logs and metrics: {@code middleware.cors}
   * @param continueOnError whether an exchange goes on when a step throws
   */
  public MiddlewareBinding(
      String name, Middleware middleware, boolean continueOnError, Histogram duration) {
    this.name = name;
    this.middleware = middleware;
    this.continueOnError = continueOnError;
    this.duration = duration;
    this.seesAttempts =
        implementsStep("onAttempt", Exchange.class, RequestHead.class, Endpoint.class);
    this.readsRequestBody = implementsStep("requestBody", Exchange.class);
    this.readsResponseBody = implementsStep("responseBody", Exchange.class);
    this.seesTrailers = implementsStep("onTrailers", Exchange.class, Headers.class);
  }

  private boolean implementsStep(String method, Class<?>... parameters) {
    try {
      return middleware.getClass().getMethod(method, parameters).getDeclaringClass()
          != Middleware.class;
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("every middleware has " + method, e);
    }
  }

  /** The name. */
  public String name() {
    return name;
  }

  /** The plugin. */
  public Middleware middleware() {
    return middleware;
  }

  boolean continueOnError() {
    return continueOnError;
  }

  Histogram duration() {
    return duration;
  }

  boolean seesAttempts() {
    return seesAttempts;
  }

  boolean readsRequestBody() {
    return readsRequestBody;
  }

  boolean readsResponseBody() {
    return readsResponseBody;
  }

  boolean seesTrailers() {
    return seesTrailers;
  }
}
