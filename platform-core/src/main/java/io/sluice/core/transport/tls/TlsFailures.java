package io.sluice.core.transport.tls;

import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.sluice.api.error.ErrorKind;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Tells failures of TLS with endpoints apart, by the error types of RFC 9209 §2.3. */
public final class TlsFailures {

  private static final int DEPTH = 8;

  private TlsFailures() {}

  /** The kind of a handshake's failure. */
  public static ErrorKind ofHandshake(@Nullable Throwable cause) {
    Throwable each = cause;
    for (int i = 0; i < DEPTH && each != null; i++) {
      if (each instanceof SslHandshakeTimeoutException) {
        return ErrorKind.CONNECTION_TIMEOUT;
      }
      if (each instanceof CertificateException
          || each instanceof CertPathValidatorException
          || each instanceof SSLPeerUnverifiedException) {
        return ErrorKind.TLS_CERTIFICATE_ERROR;
      }
      each = each.getCause();
    }
    return isAlert(cause) ? ErrorKind.TLS_ALERT_RECEIVED : ErrorKind.TLS_ERROR;
  }

  /** Whether the other side said why it gives up. Both libraries tell by their messages alone. */
  public static boolean isAlert(@Nullable Throwable cause) {
    Throwable each = cause;
    for (int i = 0; i < DEPTH && each != null; i++) {
      String message = each.getMessage();
      if (each instanceof SSLException
          && message != null
          && message.toLowerCase(Locale.ROOT).contains("alert")) {
        return true;
      }
      each = each.getCause();
    }
    return false;
  }
}
