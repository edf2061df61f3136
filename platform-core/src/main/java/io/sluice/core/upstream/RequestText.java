package io.sluice.core.upstream;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.sluice.api.http.HeaderName;
import io.sluice.api.upstream.ClientRequest;
import io.sluice.api.upstream.ClientResponse;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.ParsedResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The proxy's own calls as octets. */
final class RequestText {

  private RequestText() {}

  /**
   * A whole HTTP/1.1 request.
   *
   * @throws IllegalArgumentException when a part could be read as more than itself
   */
  static byte[] of(ClientRequest request, String authority, boolean close) {
    StringBuilder head = new StringBuilder(256);
    head.append(HeaderName.of(request.method())).append(' ');
    head.append(clean(request.target(), true)).append(" HTTP/1.1\r\n");
    boolean host = false;
    for (Map.Entry<String, String> line : request.headers().entrySet()) {
      HeaderName name = HeaderName.of(line.getKey());
      host |= name.lowerCase().equals("host");
      head.append(name).append(": ").append(clean(line.getValue(), false)).append("\r\n");
    }
    if (!host) {
      head.append("Host: ").append(authority).append("\r\n");
    }
    if (request.body().length > 0) {
      head.append("Content-Length: ").append(request.body().length).append("\r\n");
    }
    head.append(close ? "Connection: close\r\n\r\n" : "\r\n");
    byte[] octets = head.toString().getBytes(StandardCharsets.ISO_8859_1);
    byte[] whole = java.util.Arrays.copyOf(octets, octets.length + request.body().length);
    System.arraycopy(request.body(), 0, whole, octets.length, request.body().length);
    return whole;
  }

  /**
   * The field section of the same request over HTTP/2 (RFC 9113 §8.3.1).
   *
   * @throws IllegalArgumentException as {@link #of} throws it
   */
  static Http2Headers fields(ClientRequest request, String authority, CharSequence scheme) {
    Http2Headers fields = new DefaultHttp2Headers();
    fields.method(HeaderName.of(request.method()).toString());
    fields.scheme(scheme);
    fields.authority(authority);
    fields.path(clean(request.target(), true));
    for (Map.Entry<String, String> line : request.headers().entrySet()) {
      String name = HeaderName.of(line.getKey()).lowerCase();
      if (name.equals("host")) {
        fields.authority(clean(line.getValue(), true));
      } else {
        fields.add(name, clean(line.getValue(), false));
      }
    }
    if (request.body().length > 0) {
      fields.setInt("content-length", request.body().length);
    }
    return fields;
  }

  private static String clean(String text, boolean target) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == 0x7f || c > 0xff || (target && c == ' ')) {
        throw new IllegalArgumentException("not allowed in a request: U+%04X".formatted((int) c));
      }
    }
    return text;
  }

  static ClientResponse response(ParsedResponse head, byte[] body, @Nullable ByteHeaders trailers) {
    Map<String, List<String>> after = trailers == null ? Map.of() : fields(trailers);
    return new ClientResponse(head.status(), fields(head.headers()), body, after);
  }

  private static Map<String, List<String>> fields(ByteHeaders section) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    section.forEach(
        (name, value) ->
            fields
                .computeIfAbsent(name.toLowerCase(Locale.ROOT), key -> new ArrayList<>())
                .add(value));
    return fields;
  }
}
