package io.sluice.plugin.outlierstandard;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.upstream.AttemptOutcome;

/** What an attempt says about its endpoint. */
enum Result {
  /** Nothing: the client left, or a limit or a fault of the proxy's own stood in the way. */
  NOTHING,
  /** It answered, and not with a server error. */
  SUCCESS,
  /** It answered with a 5xx status, or with what is no proper response. */
  SERVER_ERROR,
  /** It answered 502, 503 or 504. */
  GATEWAY_ERROR,
  /** The proxy made this out by itself: no connection, no answer in time, a broken connection. */
  LOCAL;

  static Result of(AttemptOutcome outcome) {
    ErrorKind error = outcome.error();
    if (outcome.cancelled()) {
      return NOTHING;
    }
    if (error == null) {
      return ofStatus(outcome.status());
    }
    return switch (error) {
      case BAD_RESPONSE, RESPONSE_TOO_LARGE -> SERVER_ERROR;
      case NO_ENDPOINT, CIRCUIT_OPEN -> NOTHING;
      default -> error.source() == ProxyError.Source.UPSTREAM ? LOCAL : NOTHING;
    };
  }

  /** 501 and 505 answer what the client asked for: no client may have an endpoint ejected. */
  private static Result ofStatus(int status) {
    if (status < 500 || status == 501 || status == 505) {
      return SUCCESS;
    }
    return status >= 502 && status <= 504 ? GATEWAY_ERROR : SERVER_ERROR;
  }
}
