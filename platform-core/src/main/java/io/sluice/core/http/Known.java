package io.sluice.core.http;

import io.sluice.api.http.HeaderName;
import java.util.ArrayList;
import java.util.List;

/**
 * The field names that framing and forwarding look at, each with an index that a parsed line keeps.
 * So a pass over a header section tests bits instead of comparing names.
 */
public final class Known {

  private static final List<HeaderName> ALL = new ArrayList<>();

  /** The index of a line whose name means nothing to the proxy. */
  public static final int OTHER = 0;

  public static final int HOST = define("Host");
  public static final int CONNECTION = define("Connection");
  public static final int KEEP_ALIVE = define("Keep-Alive");
  public static final int PROXY_CONNECTION = define("Proxy-Connection");
  public static final int TE = define("TE");
  public static final int TRAILER = define("Trailer");
  public static final int TRANSFER_ENCODING = define("Transfer-Encoding");
  public static final int UPGRADE = define("Upgrade");
  public static final int HTTP2_SETTINGS = define("HTTP2-Settings");
  public static final int CONTENT_LENGTH = define("Content-Length");
  public static final int EXPECT = define("Expect");
  public static final int X_FORWARDED_FOR = define("X-Forwarded-For");
  public static final int X_FORWARDED_PROTO = define("X-Forwarded-Proto");
  public static final int X_FORWARDED_HOST = define("X-Forwarded-Host");
  public static final int X_FORWARDED_PORT = define("X-Forwarded-Port");
  public static final int FORWARDED = define("Forwarded");
  public static final int VIA = define("Via");
  public static final int DATE = define("Date");
  public static final int RETRY_AFTER = define("Retry-After");
  public static final int PROXY_STATUS = define("Proxy-Status");
  public static final int CONTENT_MD5 = define("Content-MD5");
  public static final int DIGEST = define("Digest");
  public static final int CONTENT_DIGEST = define("Content-Digest");
  public static final int REPR_DIGEST = define("Repr-Digest");
  public static final int COOKIE = define("Cookie");
  public static final int GRPC_TIMEOUT = define("grpc-timeout");

  private static final HeaderName[][] BY_LENGTH = new HeaderName[20][];
  private static final int[][] INDEX_BY_LENGTH = new int[20][];

  static {
    for (int length = 0; length < BY_LENGTH.length; length++) {
      int wanted = length;
      List<HeaderName> same = ALL.stream().filter(name -> name.length() == wanted).toList();
      BY_LENGTH[length] = same.toArray(new HeaderName[0]);
      INDEX_BY_LENGTH[length] = same.stream().mapToInt(name -> ALL.indexOf(name) + 1).toArray();
    }
  }

  private Known() {}

  private static int define(String name) {
    ALL.add(HeaderName.of(name));
    return ALL.size();
  }

  /** The index of the name spelt in {@code bytes}, or {@link #OTHER}. */
  static int of(byte[] bytes, int from, int length) {
    if (length >= BY_LENGTH.length) {
      return OTHER;
    }
    HeaderName[] same = BY_LENGTH[length];
    for (int i = 0; i < same.length; i++) {
      if (same[i].matches(bytes, from)) {
        return INDEX_BY_LENGTH[length][i];
      }
    }
    return OTHER;
  }

  /** The index of {@code name}, or {@link #OTHER}. */
  static int of(HeaderName name) {
    return ALL.indexOf(name) + 1;
  }

  /** The name behind an index other than {@link #OTHER}. */
  public static HeaderName name(int index) {
    return ALL.get(index - 1);
  }

  /** A set of indexes as a bit mask. */
  public static long set(int... indexes) {
    long mask = 0;
    for (int index : indexes) {
      mask |= 1L << index;
    }
    return mask;
  }
}
