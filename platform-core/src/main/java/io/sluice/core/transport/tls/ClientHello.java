package io.sluice.core.transport.tls;

import io.netty.buffer.ByteBuf;
import io.netty.util.CharsetUtil;
import java.util.ArrayList;
import java.util.List;

/** Reads what is asked for in the body of a ClientHello (RFC 8446 §4.1.2). */
final class ClientHello {

  private static final int VERSION_AND_RANDOM = 34;
  private static final int ALPN = 16;

  private ClientHello() {}

  /**
   * The protocols that the client offers, best first (RFC 7301 §3.1); empty for none, and where
   * lengths contradict each other, which is for the handshake to refuse.
   *
   * @param hello not moved
   */
  static List<String> applicationProtocols(ByteBuf hello) {
    try {
      return offered(hello.slice());
    } catch (IndexOutOfBoundsException e) {
      return List.of();
    }
  }

  private static List<String> offered(ByteBuf in) {
    in.skipBytes(VERSION_AND_RANDOM);
    in.skipBytes(in.readUnsignedByte()); // session
    in.skipBytes(in.readUnsignedShort()); // cipher suites
    in.skipBytes(in.readUnsignedByte()); // compression
    ByteBuf extensions = in.readSlice(in.readUnsignedShort());
    while (extensions.isReadable()) {
      int type = extensions.readUnsignedShort();
      ByteBuf content = extensions.readSlice(extensions.readUnsignedShort());
      if (type == ALPN) {
        List<String> names = new ArrayList<>();
        ByteBuf list = content.readSlice(content.readUnsignedShort());
        while (list.isReadable()) {
          names.add(list.readSlice(list.readUnsignedByte()).toString(CharsetUtil.US_ASCII));
        }
        return names;
      }
    }
    return List.of();
  }
}
