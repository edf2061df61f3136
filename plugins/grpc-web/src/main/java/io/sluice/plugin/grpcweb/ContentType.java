package io.sluice.plugin.grpcweb;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A content type of the gRPC family: which of its protocols, and the rest of the text, such as
 * {@code +proto}, that says how messages are written and passes as it is.
 */
record ContentType(Protocol protocol, String rest) {

  /** The protocols, the longest name first. */
  enum Protocol {
    WEB_TEXT("application/grpc-web-text"),
    WEB("application/grpc-web"),
    GRPC("application/grpc");

    private final String text;

    Protocol(String text) {
      this.text = text;
    }
  }

  /** The content type that a field's value names, or null for one of another family. */
  static @Nullable ContentType of(@Nullable String value) {
    if (value == null) {
      return null;
    }
    String lower = value.toLowerCase(Locale.ROOT);
    for (Protocol protocol : Protocol.values()) {
      int end = protocol.text.length();
      if (lower.startsWith(protocol.text)
          && (lower.length() == end || "+; \t".indexOf(lower.charAt(end)) >= 0)) {
        return new ContentType(protocol, value.substring(end));
      }
    }
    return null;
  }

  boolean isWeb() {
    return protocol != Protocol.GRPC;
  }

  /** The same messages in another protocol. */
  ContentType in(Protocol other) {
    return new ContentType(other, rest);
  }

  /** As a field says it. */
  @Override
  public String toString() {
    return protocol.text + rest;
  }
}
