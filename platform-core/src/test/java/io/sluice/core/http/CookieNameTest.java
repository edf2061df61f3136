package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.api.http.HeaderName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CookieNameTest {

  private static final CookieName SRV = new CookieName("srv");

  private static ByteHeaders cookies(String... lines) {
    ByteHeaders headers = new ByteHeaders();
    headers.add(HeaderName.of("Accept"), "srv=no");
    for (String line : lines) {
      headers.add(HeaderName.of("cookie"), line);
    }
    headers.add(HeaderName.of("X-Cookie"), "srv=no");
    return headers;
  }

  private static List<String> values(String... lines) {
    ByteHeaders headers = cookies(lines);
    List<String> values = new ArrayList<>();
    long at = SRV.find(headers, CookieName.NONE);
    while (at != CookieName.NONE) {
      StringBuilder value = new StringBuilder();
      for (int i = CookieName.start(at); i < CookieName.end(at); i++) {
        value.append((char) headers.octet(i));
      }
      values.add(value.toString());
      at = SRV.find(headers, at);
    }
    return values;
  }

  private static String others(String... lines) {
    ByteBuf out = Unpooled.buffer();
    SRV.writeOthers(out, cookies(lines));
    return Heads.text(out);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "srv=1, 1",
        "a=b; srv=1; c=d, 1",
        "a=b;srv=1 ;c=d, 1",
        "srv=a=b, a=b",
        "srv=\"q\", \"q\"",
      })
  void findsItsValue(String line, String value) {
    assertThat(values(line)).containsExactly(value);
  }

  @ParameterizedTest
  @CsvSource({"xsrv=1", "srvx=1", "SRV=1", "srv", "srv ;a=b", "a=srv=1", ";;;", "' '"})
  void othersAreOthers(String line) {
    assertThat(values(line)).isEmpty();
  }

  @Test
  void findsEachInTurnOverAllLines() {
    assertThat(values("srv=1; srv=; a=b", "c=d", "srv=2; srv=3"))
        .containsExactly("1", "", "2", "3");
    assertThat(values()).isEmpty();
  }

  @Test
  void writesTheOthersInOneLine() {
    assertThat(others("a=b; srv=1; c=d", "srv=2", " e=f ")).isEqualTo("Cookie: a=b; c=d; e=f\r\n");
    assertThat(others("srv=1")).isEmpty();
    assertThat(others("srv=1; ;")).isEmpty();
    assertThat(others("a=b;c;srv=1;\"odd\"")).isEqualTo("Cookie: a=b; c; \"odd\"\r\n");
  }
}
