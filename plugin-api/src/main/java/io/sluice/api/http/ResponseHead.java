package io.sluice.api.http;

/**
 * The status and header section of a response. Used on the exchange's event loop only, and only
 * while the exchange lasts.
 */
public interface ResponseHead {

  /** The status code (RFC 9110 §15), 100 to 599. */
  int status();

  /**
   * Puts another status in place.
   *
   * @param status 200 to 599
   * @throws IllegalArgumentException when out of range
   */
  void status(int status);

  /** The header section. */
  Headers headers();
}
