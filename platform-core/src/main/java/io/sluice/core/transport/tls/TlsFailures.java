package io.sluice.core.transport.tls;

import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.sluice.api.error.ErrorKind;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Tells failures of TLS with endpoints apart, by the error types of RFC 9209 §2.3. */
public final class TlsFailures {

  private static final int DEPTH = 8;

  private static final int MAX_REASON = 400;
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]");

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

  /**
   * What went wrong, as the innermost cause says it, in one line for people. Parts of it may come
   * from the other side.
   */
  public static String reason(@Nullable Throwable cause) {
    String reason = "";
    Throwable each = cause;
    for (int i = 0; i < DEPTH && each != null; i++) {
      String message = each.getMessage();
      if (message != null && !message.isBlank()) {
        reason = message;
      }
      if (each instanceof CertificateExpiredException) {
        reason = "the certificate expired (" + reason + ")";
      } else if (each instanceof CertificateNotYetValidException) {
        reason = "the certificate is not valid yet (" + reason + ")";
      } else if (each instanceof ClosedChannelException) {
        reason = "the connection was closed";
      }
      each = each.getCause();
    }
    String line = reason.isEmpty() && cause != null ? cause.getClass().getSimpleName() : reason;
    line = UNPRINTABLE.matcher(line).replaceAll("?");
    return line.length() <= MAX_REASON ? line : line.substring(0, MAX_REASON) + "…";
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
