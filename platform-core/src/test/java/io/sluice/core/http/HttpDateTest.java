package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HttpDateTest {

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("1994-11-06T08:49:37.999Z"));
  private final HttpDate date = new HttpDate(now::get);

  @Test
  void writesAnImfFixdate() {
    assertThat(date.text()).isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
    assertThat(date.octets()).asString().isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
  }

  @Test
  void makesTheValueOnceASecond() {
    byte[] first = date.octets();
    now.set(Instant.parse("1994-11-06T08:49:37.001Z"));
    assertThat(date.octets()).isSameAs(first);
    now.set(Instant.parse("1994-11-06T08:49:38Z"));
    assertThat(date.octets()).asString().isEqualTo("Sun, 06 Nov 1994 08:49:38 GMT");
  }

  @Test
  void takesATimeThatWasReadAlready() {
    assertThat(date.octets(0)).asString().isEqualTo("Thu, 01 Jan 1970 00:00:00 GMT");
    assertThat(date.octets(-1)).asString().isEqualTo("Wed, 31 Dec 1969 23:59:59 GMT");
  }
}
