package io.sluice.core.http;

import io.sluice.api.http.HttpVersion;
import io.sluice.api.http.ResponseHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A response head, from an endpoint or made here. Reused from exchange to exchange; belongs to one
 * event loop.
 */
public final class ParsedResponse implements ResponseHead {

  final ByteHeaders headers = new ByteHeaders();
  final ConnectionOptions connection = new ConnectionOptions();

  int status;
  HttpVersion version = HttpVersion.HTTP_1_1;
  Framing framing = Framing.NONE;
  long contentLength = -1;
  boolean keepAlive;

  @Override
  public int status() {
    return status;
  }

  @Override
  public void status(int status) {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("not a final status: " + status);
    }
    this.status = status;
  }

  @Override
  public ByteHeaders headers() {
    return headers;
  }

  /** How the end of the content is told on the wire it came from. */
  public Framing framing() {
    return framing;
  }

  /** Content-Length, or −1 without one. */
  public long contentLength() {
    return contentLength;
  }

  /** Whether the endpoint lets the connection live on. */
  public boolean keepAlive() {
    return keepAlive;
  }

  /** Whether this is a 1xx other than 101. */
  public boolean informational() {
    return status < 200 && status != 101;
  }

  /** Names that Connection lists, in lower case, or null. */
  public @Nullable List<String> connectionNames() {
    return connection.names;
  }

  /** Makes this a response of our own, with no header lines yet. */
  public void start(int status) {
    headers.clear();
    connection.names = null;
    this.status = status;
    version = HttpVersion.HTTP_1_1;
    framing = Framing.NONE;
    contentLength = -1;
    keepAlive = true;
  }
}
