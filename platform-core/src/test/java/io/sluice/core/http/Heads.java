package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Heads from text and back. */
final class Heads {

  private Heads() {}

  static ByteBuf buffer(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  static String text(ByteBuf buffer) {
    return buffer.toString(StandardCharsets.ISO_8859_1);
  }

  /** Reads a request whole. */
  static ParsedRequest request(String text) {
    RequestParser parser = new RequestParser(8192, 20, "http", true);
    parser.reset();
    if (!parser.read(buffer(text))) {
      throw new AssertionError("not whole");
    }
    return parser.request();
  }

  /** Reads a response whole. */
  static ParsedResponse response(String text) {
    ParsedResponse response = new ParsedResponse();
    ResponseParser parser = new ResponseParser(8192, 20);
    parser.reset(response);
    if (!parser.read(buffer(text), false)) {
      throw new AssertionError("not whole");
    }
    return response;
  }
}
