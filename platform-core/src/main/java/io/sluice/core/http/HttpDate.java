package io.sluice.core.http;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The value of the Date field, an IMF-fixdate (RFC 9110 §5.6.7), made once a second. Usable from
 * any thread: event loops share one.
 */
public final class HttpDate {

  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  private record Second(long number, String text, byte[] octets) {}

  private final InstantSource clock;
  private volatile Second current;

  /** Tells the time of {@code clock}. */
  public HttpDate(InstantSource clock) {
    this.clock = clock;
    this.current = second(Math.floorDiv(clock.millis(), 1000L));
  }

  /** The date and time now: {@code Sun, 06 Nov 1994 08:49:37 GMT}. */
  public String text() {
    return at(clock.millis()).text;
  }

  /** The octets of {@link #text}, shared: never write to them. */
  public byte[] octets() {
    return at(clock.millis()).octets;
  }

  /** {@link #octets} for a caller that has read the clock already. */
  public byte[] octets(long epochMillis) {
    return at(epochMillis).octets;
  }

  private Second at(long epochMillis) {
    long number = Math.floorDiv(epochMillis, 1000L);
    Second known = current;
    if (known.number == number) {
      return known;
    }
    Second made = second(number);
    current = made;
    return made;
  }

  private static Second second(long number) {
    String text = FORMAT.format(Instant.ofEpochSecond(number));
    return new Second(number, text, text.getBytes(StandardCharsets.US_ASCII));
  }
}
