package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sluice.core.transport.ConnectionEnds;
import io.sluice.core.transport.ProxyHeader;
import org.jspecify.annotations.Nullable;

/** The PROXY protocol header that endpoints of an upstream expect. */
public enum ProxyProtocol {
  /** None. */
  OFF,
  /** A line of text. */
  V1,
  /** Binary. */
  V2;

  /** The header for a connection of our own, such as a health check's, or null for none. */
  public @Nullable ByteBuf ownHeader(ByteBufAllocator allocator) {
    if (this == OFF) {
      return null;
    }
    ByteBuf header = allocator.buffer(32);
    if (this == V1) {
      ProxyHeader.writeText(header, null);
    } else {
      ProxyHeader.writeBinary(header, null);
    }
    return header;
  }

  /** The header for a client's connection, or null for none; the caller releases it. */
  public @Nullable ByteBuf header(ByteBufAllocator allocator, ConnectionEnds ends) {
    if (this == OFF) {
      return null;
    }
    ByteBuf header = allocator.buffer(128);
    if (this == V1) {
      ProxyHeader.writeText(header, ends);
    } else {
      ProxyHeader.writeBinary(header, ends);
    }
    return header;
  }
}
