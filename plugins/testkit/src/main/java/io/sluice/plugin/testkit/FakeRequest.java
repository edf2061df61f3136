package io.sluice.plugin.testkit;

import io.sluice.api.http.HeaderName;
import io.sluice.api.http.HttpVersion;
import io.sluice.api.http.RequestHead;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A request head read from text. */
public final class FakeRequest implements RequestHead {

  private static final HeaderName HOST = HeaderName.of("Host");

  private final String method;
  private final String scheme;
  private final HttpVersion version;
  private final FakeHeaders headers;
  private String path;
  private @Nullable String query;

  private FakeRequest(
      String method, String scheme, String target, HttpVersion version, FakeHeaders headers) {
    this.method = method;
    this.scheme = scheme;
    this.version = version;
    this.headers = headers;
    int mark = target.indexOf('?');
    this.path = mark < 0 ? target : target.substring(0, mark);
    this.query = mark < 0 ? null : target.substring(mark + 1);
  }

  /**
   * Reads a head such as {@code "GET /users?id=1 HTTP/1.1\nHost: a.example"}: lines end with a line
   * feed, the version may be left out. Nothing is normalised: say what the plugin is to see.
   */
  public static FakeRequest of(String text) {
    String[] lines = text.stripTrailing().split("\r?\n", -1);
    String[] first = lines[0].split(" ", -1);
    if (first.length < 2 || first.length > 3) {
      throw new IllegalArgumentException("not a request line: \"" + lines[0] + "\"");
    }
    HttpVersion version = HttpVersion.HTTP_1_1;
    if (first.length == 3) {
      version =
          Arrays.stream(HttpVersion.values())
              .filter(known -> known.toString().equals(first[2]))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException("no such version: " + first[2]));
    }
    FakeHeaders headers = FakeHeaders.of(Arrays.copyOfRange(lines, 1, lines.length));
    return new FakeRequest(first[0], "http", first[1], version, headers);
  }

  /** The same, to be edited apart: what an attempt starts from. */
  public FakeRequest copy() {
    FakeRequest copy = new FakeRequest(method, scheme, path, version, headers.copy());
    copy.query = query;
    return copy;
  }

  /** The same request as it came over TLS. */
  public FakeRequest overTls() {
    FakeRequest copy = new FakeRequest(method, "https", path, version, headers.copy());
    copy.query = query;
    return copy;
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String scheme() {
    return scheme;
  }

  @Override
  public String authority() {
    String host = headers.get(HOST);
    return host == null ? "" : host;
  }

  @Override
  public String host() {
    String authority = authority().toLowerCase(Locale.ROOT);
    int colon = authority.lastIndexOf(':');
    return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public @Nullable String query() {
    return query;
  }

  @Override
  public HttpVersion version() {
    return version;
  }

  @Override
  public FakeHeaders headers() {
    return headers;
  }

  @Override
  public void path(String newPath) {
    if (!newPath.startsWith("/")) {
      throw new IllegalArgumentException("not a path: \"" + newPath + "\"");
    }
    path = newPath;
  }

  @Override
  public void query(@Nullable String newQuery) {
    query = newQuery;
  }
}
