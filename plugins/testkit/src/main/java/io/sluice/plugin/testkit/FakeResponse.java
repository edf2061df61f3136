package io.sluice.plugin.testkit;

import io.sluice.api.http.ResponseHead;
import java.util.Arrays;

/** A response head read from text. */
public final class FakeResponse implements ResponseHead {

  private final FakeHeaders headers;
  private int status;

  FakeResponse(int status, FakeHeaders headers) {
    this.status = status;
    this.headers = headers;
  }

  /**
   * Reads a head such as {@code "200\nContent-Type: text/plain"} or {@code "HTTP/1.1 200 OK"}:
   * lines end with a line feed.
   */
  public static FakeResponse of(String text) {
    String[] lines = text.stripTrailing().split("\r?\n", -1);
    String[] first = lines[0].split(" ", -1);
    int status = Integer.parseInt(first[0].startsWith("HTTP/") ? first[1] : first[0]);
    return new FakeResponse(status, FakeHeaders.of(Arrays.copyOfRange(lines, 1, lines.length)));
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public void status(int newStatus) {
    if (newStatus < 200 || newStatus > 599) {
      throw new IllegalArgumentException("not a final status: " + newStatus);
    }
    status = newStatus;
  }

  @Override
  public FakeHeaders headers() {
    return headers;
  }

  @Override
  public String toString() {
    return status + "\n" + headers;
  }
}
