package io.sluice.core.http;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HeaderName;
import io.sluice.api.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The responses that the proxy itself makes for errors: a small JSON body {@code {status, error,
 * exchange}}, or the same as plain text for a client that likes text better, and the Proxy-Status
 * field (RFC 9209). Never more about the inside than the kind of the error and what the one who
 * raised it declared fit for clients.
 */
public final class ErrorResponses {

  private static final HeaderName CONTENT_TYPE = HeaderName.of("Content-Type");
  private static final HeaderName CONTENT_LENGTH = HeaderName.of("Content-Length");
  private static final HeaderName CACHE_CONTROL = HeaderName.of("Cache-Control");
  private static final HeaderName PROXY_STATUS = HeaderName.of("Proxy-Status");
  private static final HeaderName RETRY_AFTER = HeaderName.of("Retry-After");

  private static final int RETRY_AFTER_SECONDS = 1;

  private ErrorResponses() {}

  /**
   * One such response.
   *
   * @param status the status code
   * @param contentType the type of {@code body}
   * @param body the whole content; the receiver's own
   * @param proxyStatus the value of the Proxy-Status field, or null for none
   * @param retryAfterSeconds the value of the Retry-After field, or −1 for none
   */
  public record ErrorResponse(
      int status,
      String contentType,
      byte[] body,
      @Nullable String proxyStatus,
      int retryAfterSeconds) {

    /** Sets the header fields that belong to the response. */
    public void writeTo(Headers headers) {
      headers.set(CONTENT_TYPE, contentType);
      headers.set(CONTENT_LENGTH, Integer.toString(body.length));
      headers.set(CACHE_CONTROL, "no-store");
      if (proxyStatus != null) {
        headers.set(PROXY_STATUS, proxyStatus);
      }
      if (retryAfterSeconds >= 0 && !headers.contains(RETRY_AFTER)) {
        headers.set(RETRY_AFTER, Integer.toString(retryAfterSeconds));
      }
    }
  }

  /**
   * The response to an error.
   *
   * @param exchange the id of the exchange, as the log has it
   * @param accept the Accept field of the request, or null
   * @param clientMessage what happened in words that the client may read; told in Proxy-Status;
   *     null or empty for none
   */
  public static ErrorResponse of(
      ErrorKind kind, String exchange, @Nullable String accept, @Nullable String clientMessage) {
    boolean json = !prefersText(accept);
    StringBuilder body = new StringBuilder(96);
    if (json) {
      body.append("{\"status\":").append(kind.status());
      body.append(",\"error\":\"").append(kind.label()).append("\",\"exchange\":\"");
      appendEscaped(body, exchange);
      body.append("\"}\n");
    } else {
      body.append(kind.status()).append(' ').append(kind.label());
      body.append("\nexchange ");
      exchange.chars().filter(c -> c >= ' ' && c != 0x7f).forEach(c -> body.append((char) c));
      body.append('\n');
    }
    return new ErrorResponse(
        kind.status(),
        json ? "application/json" : "text/plain; charset=utf-8",
        body.toString().getBytes(StandardCharsets.UTF_8),
        proxyStatus(kind, clientMessage),
        retryAfter(kind));
  }

  /** The value of the Proxy-Status field (RFC 9209 §2.1), or null for an error without a type. */
  public static @Nullable String proxyStatus(ErrorKind kind, @Nullable String clientMessage) {
    if (kind.proxyStatus() == null) {
      return null;
    }
    String value = "sluice; error=" + kind.proxyStatus();
    if (clientMessage == null || clientMessage.isEmpty()) {
      return value;
    }
    StringBuilder details = new StringBuilder(value).append("; details=\"");
    for (int i = 0; i < clientMessage.length(); i++) {
      char c = clientMessage.charAt(i);
      if (c == '"' || c == '\\') {
        details.append('\\');
      }
      details.append(c < ' ' || c > '~' ? '?' : c);
    }
    return details.append('"').toString();
  }

  private static int retryAfter(ErrorKind kind) {
    return switch (kind) {
      case LIMIT_REACHED, CIRCUIT_OPEN, RATE_LIMITED, DRAINING -> RETRY_AFTER_SECONDS;
      default -> -1;
    };
  }

  /** Whether the client rates a text, plain or HTML, above JSON (RFC 9110 §12.5.1). */
  static boolean prefersText(@Nullable String accept) {
    if (accept == null || accept.isEmpty() || accept.equals("*/*")) {
      return false;
    }
    int text = Math.max(quality(accept, "text", "plain"), quality(accept, "text", "html"));
    return text > quality(accept, "application", "json");
  }

  /** How much a media type is wanted, in thousandths, by the most specific range that has it. */
  private static int quality(String accept, String type, String subtype) {
    int best = 0;
    int bestSpecificity = 0;
    for (String member : accept.split(",", -1)) {
      String[] parts = member.split(";", -1);
      String range = parts[0].strip().toLowerCase(Locale.ROOT);
      int specificity =
          range.equals(type + "/" + subtype)
              ? 3
              : range.equals(type + "/*") ? 2 : range.equals("*/*") ? 1 : 0;
      if (specificity > bestSpecificity) {
        bestSpecificity = specificity;
        best = weight(parts);
      }
    }
    return best;
  }

  private static int weight(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip().toLowerCase(Locale.ROOT);
      if (parameter.startsWith("q=")) {
        return thousandths(parameter.substring(2).strip());
      }
    }
    return 1000;
  }

  /** A weight (RFC 9110 §12.4.2) in thousandths; a malformed one counts as 1. */
  private static int thousandths(String weight) {
    int length = weight.length();
    boolean wellFormed =
        length >= 1
            && length <= 5
            && (weight.charAt(0) == '0' || weight.charAt(0) == '1')
            && (length == 1 || weight.charAt(1) == '.')
            && weight.chars().skip(2).allMatch(c -> c >= '0' && c <= '9');
    if (!wellFormed) {
      return 1000;
    }
    int value = (weight.charAt(0) - '0') * 1000;
    int unit = 100;
    for (int i = 2; i < length; i++) {
      value += (weight.charAt(i) - '0') * unit;
      unit /= 10;
    }
    return Math.min(value, 1000);
  }

  private static void appendEscaped(StringBuilder json, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
  }
}
