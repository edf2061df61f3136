package io.sluice.core.http;

import io.sluice.api.http.HttpVersion;
import io.sluice.api.http.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request head as it came over HTTP/1.1, or as another protocol's codec filled it in. Reused from
 * exchange to exchange on one connection; belongs to that connection's event loop.
 */
public final class ParsedRequest implements RequestHead {

  final ByteHeaders headers = new ByteHeaders();
  final ConnectionOptions connection = new ConnectionOptions();

  String method = "";
  String scheme = "http";
  String authority = "";
  String host = "";
  String path = "";
  @Nullable String query;
  HttpVersion version = HttpVersion.HTTP_1_1;
  Framing framing = Framing.NONE;
  long contentLength = -1;
  boolean keepAlive;
  boolean expectsContinue;
  @Nullable String upgrade;
  boolean extendedConnect;

  /** Where the target stands in the octets of {@link #headers}; −1 once it was replaced. */
  int targetStart = -1;

  int targetEnd;

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
    return authority;
  }

  @Override
  public String host() {
    return host;
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
  public ByteHeaders headers() {
    return headers;
  }

  @Override
  public void path(String path) {
    if (path.isEmpty() || path.charAt(0) != '/') {
      throw new IllegalArgumentException("a path begins with a slash");
    }
    checkTarget(path, "?#");
    this.path = path;
    targetStart = -1;
  }

  @Override
  public void query(@Nullable String query) {
    if (query != null) {
      checkTarget(query, "#");
    }
    this.query = query;
    targetStart = -1;
  }

  private static void checkTarget(String text, String forbidden) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > 0x7e || !Octets.is((byte) c, Octets.TARGET) || forbidden.indexOf(c) >= 0) {
        throw new IllegalArgumentException("not allowed in a target: U+%04X".formatted((int) c));
      }
    }
  }

  /** How the end of the content is told. */
  public Framing framing() {
    return framing;
  }

  /** Content-Length, or −1 without one. */
  public long contentLength() {
    return contentLength;
  }

  /** Whether the client lets the connection live on (RFC 9112 §9.3). */
  public boolean keepAlive() {
    return keepAlive;
  }

  /** Whether the client waits for 100 Continue (RFC 9110 §10.1.1). */
  public boolean expectsContinue() {
    return expectsContinue;
  }

  /** The protocol that the client asks to change to, in lower case, or null (RFC 9110 §7.8). */
  public @Nullable String upgrade() {
    return upgrade;
  }

  /**
   * Whether {@link #upgrade} came as an extended CONNECT (RFC 8441), so that a 2xx would open what
   * only a 101 may.
   */
  public boolean extendedConnect() {
    return extendedConnect;
  }

  /** Names that Connection lists, in lower case, or null. */
  public @Nullable List<String> connectionNames() {
    return connection.names;
  }

  /** Whether the client takes trailers (RFC 9110 §10.1.4). */
  public boolean takesTrailers() {
    int at = headers.find(Known.TE);
    return at >= 0
        && headers.listContains(headers.valueStart(at), headers.valueEnd(at), "trailers");
  }

  /** Makes this an independent copy of {@code other}, for one attempt. */
  public void copyFrom(ParsedRequest other) {
    headers.copyFrom(other.headers);
    method = other.method;
    scheme = other.scheme;
    authority = other.authority;
    host = other.host;
    path = other.path;
    query = other.query;
    version = other.version;
    framing = other.framing;
    contentLength = other.contentLength;
    keepAlive = other.keepAlive;
    expectsContinue = other.expectsContinue;
    upgrade = other.upgrade;
    extendedConnect = other.extendedConnect;
    targetStart = other.targetStart;
    targetEnd = other.targetEnd;
    connection.names = other.connection.names;
  }
}
