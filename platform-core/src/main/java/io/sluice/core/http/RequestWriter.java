package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes request heads for endpoints: hop-by-hop lines removed (RFC 9110 §7.6.1), our own added,
 * the rest copied as it came. One for each attempt's owner; belongs to its event loop.
 */
public final class RequestWriter {

  /** The octets in front of the value of the line behind the start line. */
  static final int HOST_LENGTH = "Host: ".length();

  private static final byte[] VERSION_HOST = ascii(" HTTP/1.1\r\nHost: ");
  private static final byte[] CRLF = ascii("\r\n");
  private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
  private static final byte[] LENGTH = ascii("Content-Length: ");
  private static final byte[] TRAILERS = ascii("TE: trailers\r\nConnection: TE\r\n");
  private static final byte[] UPGRADE = ascii("Connection: upgrade\r\nUpgrade: ");

  private static final long HOP_BY_HOP =
      Known.set(
          Known.HOST,
          Known.CONNECTION,
          Known.KEEP_ALIVE,
          Known.PROXY_CONNECTION,
          Known.TE,
          Known.TRANSFER_ENCODING,
          Known.UPGRADE,
          Known.HTTP2_SETTINGS);

  /** What other content makes untrue (RFC 9530, RFC 9110 §8.6). */
  private static final long CHANGED =
      Known.set(
          Known.CONTENT_LENGTH,
          Known.CONTENT_MD5,
          Known.DIGEST,
          Known.CONTENT_DIGEST,
          Known.REPR_DIGEST);

  /** What an attempt sends in place of the request's own target; null for the same. */
  private @Nullable String target;

  private @Nullable String host;
  private boolean chunked;
  private boolean dropLength;
  private long length = -1;
  private boolean dropExpect;
  private @Nullable String upgrade;
  private @Nullable CookieName hidden;

  /** Starts over with nothing changed. */
  public RequestWriter reset(Framing framing) {
    target = null;
    host = null;
    chunked = framing == Framing.CHUNKED;
    dropLength = false;
    length = -1;
    dropExpect = false;
    upgrade = null;
    hidden = null;
    return this;
  }

  /** Sends another target (RFC 9112 §3.2.1); null for the request's own. */
  public RequestWriter target(@Nullable String target) {
    this.target = target;
    return this;
  }

  /** Sends another Host; null for the request's own. */
  public RequestWriter host(@Nullable String host) {
    this.host = host;
    return this;
  }

  /** Sends the content chunked, although it came with a length. */
  public RequestWriter rechunk() {
    chunked = true;
    dropLength = true;
    return this;
  }

  /** Sends content of another length than it came with. */
  public RequestWriter length(long octets) {
    chunked = false;
    dropLength = true;
    length = octets;
    return this;
  }

  /** Leaves Expect out, because the content is here already. */
  public RequestWriter withoutExpect() {
    dropExpect = true;
    return this;
  }

  /** Asks for another protocol (RFC 9110 §7.8). */
  public RequestWriter upgrade(String protocol) {
    upgrade = protocol;
    return this;
  }

  /** Whether the content goes out chunked, for nobody knows its length. */
  public boolean chunked() {
    return chunked;
  }

  /** The protocol that is asked for, or null. */
  public @Nullable String upgrade() {
    return upgrade;
  }

  /** Leaves out the cookies of that name; null for none. */
  public RequestWriter withoutCookie(@Nullable CookieName name) {
    hidden = name;
    return this;
  }

  /** No fewer octets than {@link #write} writes. */
  public int roomNeeded(ParsedRequest request, ForwardedLines forwarded) {
    int room = request.headers.used + forwarded.roomNeeded(request) + 160;
    room += request.path.length() + (request.query == null ? 0 : request.query.length());
    room += target == null ? 0 : target.length();
    return host == null ? room : room + host.length();
  }

  /** Writes the whole head, the empty line at its end included. */
  public void write(ByteBuf out, ParsedRequest request, ForwardedLines forwarded) {
    Ascii.write(out, request.method);
    out.writeByte(' ');
    writeTarget(out, request);
    out.writeBytes(VERSION_HOST);
    Ascii.write(out, host == null ? request.authority : host);
    out.writeBytes(CRLF);
    long except = HOP_BY_HOP | forwarded.replaced();
    if (dropLength) {
      except |= CHANGED;
    }
    if (dropExpect) {
      except |= Known.set(Known.EXPECT);
    }
    CookieName cookie = hidden(request);
    if (cookie != null) {
      except |= Known.set(Known.COOKIE);
    }
    request.headers.write(out, except, request.connection.names);
    if (cookie != null) {
      cookie.writeOthers(out, request.headers);
    }
    forwarded.write(out, request);
    if (chunked) {
      out.writeBytes(CHUNKED);
    } else if (length >= 0) {
      out.writeBytes(LENGTH);
      Ascii.write(out, Long.toString(length));
      out.writeBytes(CRLF);
    }
    if (upgrade != null) {
      out.writeBytes(UPGRADE);
      Ascii.write(out, upgrade);
      out.writeBytes(CRLF);
    } else if (request.takesTrailers()) {
      out.writeBytes(TRAILERS);
    }
    out.writeBytes(CRLF);
  }

  private @Nullable CookieName hidden(ParsedRequest request) {
    CookieName name = hidden;
    if (name == null || name.find(request.headers, CookieName.NONE) == CookieName.NONE) {
      return null;
    }
    List<String> dropped = request.connection.names;
    return dropped != null && dropped.contains("cookie") ? null : name;
  }

  private void writeTarget(ByteBuf out, ParsedRequest request) {
    if (target != null) {
      Ascii.write(out, target);
    } else if (request.targetStart >= 0) {
      int length = request.targetEnd - request.targetStart;
      out.writeBytes(request.headers.bytes, request.targetStart, length);
    } else {
      Ascii.write(out, request.path);
      if (request.query != null) {
        out.writeByte('?');
        Ascii.write(out, request.query);
      }
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
