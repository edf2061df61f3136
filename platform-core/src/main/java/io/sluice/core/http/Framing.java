package io.sluice.core.http;

/** How the end of a message's content is told (RFC 9112 §6). */
public enum Framing {
  /** There is no content. */
  NONE,
  /** Content-Length says how much there is. */
  LENGTH,
  /** The chunked transfer coding. */
  CHUNKED,
  /** A response that lasts until the connection closes. */
  UNTIL_CLOSE
}
