package io.sluice.plugin.grpcweb;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.plugin.testkit.BodyHarness;
import io.sluice.plugin.testkit.FakeHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextDecodingTest {

  @Test
  void decodesWhereverItIsCut() {
    Random random = new Random(7);
    for (int length = 0; length < 70; length++) {
      byte[] octets = new byte[length];
      random.nextBytes(octets);
      String text = Base64.getEncoder().encodeToString(octets);
      for (int cut = 0; cut <= text.length(); cut++) {
        BodyHarness body = BodyHarness.of(new TextDecoding());
        body.chunk(text.substring(0, cut)).chunk(text.substring(cut)).end();
        assertThat(body.failure()).isNull();
        assertThat(body.output()).isEqualTo(octets);
        assertThat(body.ended()).isTrue();
      }
    }
  }

  @Test
  void beginsAnewBehindPadding() {
    BodyHarness body = BodyHarness.of(new TextDecoding());
    body.chunk("YQ==YWI=YW").chunk("JjYQ=").chunk("=").end(FakeHeaders.of("a: b"));
    assertThat(body.text()).isEqualTo("aababca");
    assertThat(body.trailers()).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "YQ", "YQ=", "Y", "=", "Y===", "YQ=a", "Y Q=", "Y\nQ=", "YR==", "YWJ=", "-_-_", "\u00e9"
      })
  void failsOnWhatIsNoBase64(String text) {
    for (int cut = 0; cut <= text.length(); cut++) {
      BodyHarness body = BodyHarness.of(new TextDecoding());
      body.chunk(text.substring(0, cut).getBytes(StandardCharsets.ISO_8859_1));
      body.chunk(text.substring(cut).getBytes(StandardCharsets.ISO_8859_1)).end();
      assertThat(body.failure()).isInstanceOf(ProxyError.class);
      assertThat(((ProxyError) body.failure()).kind()).isEqualTo(ErrorKind.BAD_REQUEST);
      assertThat(body.ended()).isFalse();
    }
  }
}
