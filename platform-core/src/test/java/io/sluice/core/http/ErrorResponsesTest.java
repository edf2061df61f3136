package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.error.ErrorKind;
import io.sluice.core.http.ErrorResponses.ErrorResponse;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorResponsesTest {

  @Test
  void answersJsonByDefault() {
    ErrorResponse response = ErrorResponses.of(ErrorKind.NO_ROUTE, "x-1", null, "no route matches");
    assertThat(response.status()).isEqualTo(404);
    assertThat(response.contentType()).isEqualTo("application/json");
    assertThat(text(response))
        .isEqualTo("{\"status\":404,\"error\":\"no_route\",\"exchange\":\"x-1\"}\n");
    assertThat(response.proxyStatus())
        .isEqualTo("sluice; error=destination_not_found; details=\"no route matches\"");
    assertThat(response.retryAfterSeconds()).isEqualTo(-1);
  }

  @Test
  void answersTextToThoseWhoLikeItBetter() {
    ErrorResponse response = ErrorResponses.of(ErrorKind.DENIED, "x-1", "text/plain", null);
    assertThat(response.contentType()).isEqualTo("text/plain; charset=utf-8");
    assertThat(text(response)).isEqualTo("403 denied\nexchange x-1\n");
    assertThat(response.proxyStatus()).isEqualTo("sluice; error=http_request_denied");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "none | false",
        "'' | false",
        "*/* | false",
        "application/json | false",
        "text/plain | true",
        "text/* | true",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8 | true",
        "text/plain;q=0.5, application/json | false",
        "text/plain, application/json;q=0.5 | true",
        "text/plain;q=0.501, application/json;q=0.5 | true",
        "text/plain, application/json | false",
        "TEXT/Plain | true",
        "application/json;q=0, */* | true",
        "text/plain;q=0 | false",
        "image/png | false",
        "text/plain;q=x | true",
        ";;,, | false",
      })
  void negotiates(@Nullable String accept, boolean text) {
    assertThat(ErrorResponses.prefersText(accept)).isEqualTo(text);
  }

  @Test
  void escapesTheExchange() {
    ErrorResponse json = ErrorResponses.of(ErrorKind.DENIED, "a\"b\\c\nd", null, null);
    assertThat(text(json)).contains("\"exchange\":\"a\\\"b\\\\c\\u000ad\"");
    ErrorResponse plain = ErrorResponses.of(ErrorKind.DENIED, "a\r\nb", "text/plain", null);
    assertThat(text(plain)).endsWith("exchange ab\n");
  }

  @Test
  void keepsTheProxyStatusAStructuredField() {
    assertThat(ErrorResponses.proxyStatus(ErrorKind.BAD_REQUEST, "a \"b\" \\ \r\n é"))
        .isEqualTo("sluice; error=http_request_error; details=\"a \\\"b\\\" \\\\ ?? ?\"");
    assertThat(ErrorResponses.proxyStatus(ErrorKind.BAD_REQUEST, ""))
        .isEqualTo("sluice; error=http_request_error");
    assertThat(ErrorResponses.proxyStatus(ErrorKind.RATE_LIMITED, "slow down")).isNull();
  }

  @Test
  void setsTheFieldsOfTheResponse() {
    ByteHeaders headers = new ByteHeaders();
    ErrorResponse full = ErrorResponses.of(ErrorKind.LIMIT_REACHED, "x", null, null);
    full.writeTo(headers);
    assertThat(headers.get("Content-Length")).isEqualTo(String.valueOf(full.body().length));
    assertThat(headers.get("Content-Type")).isEqualTo("application/json");
    assertThat(headers.get("Cache-Control")).isEqualTo("no-store");
    assertThat(headers.get("Retry-After")).isEqualTo("1");
    assertThat(headers.get("Proxy-Status")).isEqualTo("sluice; error=connection_limit_reached");
  }

  @Test
  void leavesARetryAfterThatIsThere() {
    ByteHeaders headers = new ByteHeaders();
    headers.set("Retry-After", "17");
    ErrorResponses.of(ErrorKind.RATE_LIMITED, "x", null, null).writeTo(headers);
    assertThat(headers.all(io.sluice.api.http.HeaderName.of("retry-after"))).containsExactly("17");
    assertThat(headers.contains(io.sluice.api.http.HeaderName.of("proxy-status"))).isFalse();
  }

  @ParameterizedTest
  @EnumSource(ErrorKind.class)
  void answersEveryKindWithItsStatus(ErrorKind kind) {
    ErrorResponse response = ErrorResponses.of(kind, "x", null, null);
    assertThat(text(response)).startsWith("{\"status\":" + kind.status());
    assertThat(response.retryAfterSeconds() >= 0)
        .isEqualTo(
            kind == ErrorKind.LIMIT_REACHED
                || kind == ErrorKind.CIRCUIT_OPEN
                || kind == ErrorKind.RATE_LIMITED
                || kind == ErrorKind.DRAINING);
  }

  private static String text(ErrorResponse response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }
}
