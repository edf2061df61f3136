package io.sluice.core.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.http.ByteHeaders;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeadlineFieldTest {

  private static ByteHeaders headers(String name, String value) {
    ByteHeaders headers = new ByteHeaders();
    if (value != null) {
      headers.set(name, value);
    }
    return headers;
  }

  @ParameterizedTest
  @CsvSource({
    "X-Timeout,1500,1500000",
    "X-Timeout,0,0",
    "grpc-timeout,2H,7200000000",
    "grpc-timeout,3M,180000000",
    "Grpc-Timeout,4S,4000000",
    "grpc-timeout,5m,5000",
    "grpc-timeout,6u,6",
    "grpc-timeout,7000n,7",
    "grpc-timeout,99999999H,359999996400000000"
  })
  void reads(String name, String value, long micros) {
    assertThat(new DeadlineField(name).read(headers(name, value)))
        .isEqualTo(TimeUnit.MICROSECONDS.toNanos(micros));
  }

  @ParameterizedTest
  @CsvSource({
    "X-Timeout,",
    "X-Timeout,1.5",
    "X-Timeout,-1",
    "X-Timeout,1s",
    "X-Timeout,1234567890123",
    "grpc-timeout,5",
    "grpc-timeout,m",
    "grpc-timeout,5x",
    "grpc-timeout,123456789m"
  })
  void whatItCannotReadSaysNothing(String name, String value) {
    assertThat(new DeadlineField(name).read(headers(name, value))).isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest
  @CsvSource({
    "X-Timeout,1500000001,1501",
    "X-Timeout,1,1",
    "X-Timeout,-5,1",
    "grpc-timeout,2000000,2m",
    "grpc-timeout,9223372036854775806,99999999m"
  })
  void writesWhatIsLeft(String name, long nanos, String value) {
    ByteHeaders headers = headers(name, "7");
    new DeadlineField(name).write(headers, nanos);
    assertThat(headers.get(name)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({"X-Timeout", "grpc-timeout"})
  void goesWhereThereIsNoLimit(String name) {
    ByteHeaders headers = headers(name, "7");
    new DeadlineField(name).write(headers, Long.MAX_VALUE);
    assertThat(headers.get(name)).isNull();
  }
}
