package io.sluice.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.http.ByteHeaders;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FixedResponseTest {

  @Test
  void holdsAnAnswer() {
    FixedResponse response =
        response(
            """
            { respond { status = 503, body = "schön", content-type = "text/html; charset=utf-8"
                        headers { Retry-After = 5, X-A = "b c" } } }
            """);
    ByteHeaders headers = new ByteHeaders();
    response.writeTo(headers);
    assertThat(response.status()).isEqualTo(503);
    assertThat(new String(response.body(), StandardCharsets.UTF_8)).isEqualTo("schön");
    assertThat(headers)
        .hasToString(
            "Retry-After: 5\nX-A: b c\nContent-Type: text/html; charset=utf-8\nContent-Length: 6\n");
  }

  @Test
  void answers200WithNothingByDefault() {
    FixedResponse response = response("{ respond {} }");
    ByteHeaders headers = new ByteHeaders();
    response.writeTo(headers);
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
    assertThat(response.contentType()).isNull();
    assertThat(headers).hasToString("Content-Length: 0\n");
  }

  @Test
  void hasNoLengthWhereThereCanBeNoContent() {
    ByteHeaders headers = new ByteHeaders();
    response("{ respond { status = 204 } }").writeTo(headers);
    assertThat(headers.size()).isZero();
  }

  @Test
  void isPlainTextUnlessSaid() {
    assertThat(response("{ respond { body = pong } }").contentType())
        .isEqualTo("text/plain; charset=utf-8");
  }

  private static FixedResponse response(String text) {
    Destination destination = Tables.route(text).destination();
    assertThat(destination).isInstanceOf(FixedResponse.class);
    return (FixedResponse) destination;
  }
}
