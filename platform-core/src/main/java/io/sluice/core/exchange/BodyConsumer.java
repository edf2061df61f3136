package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.sluice.core.http.ByteHeaders;
import org.jspecify.annotations.Nullable;

/** Where the content of a message goes. On the exchange's event loop. */
interface BodyConsumer {

  /** Takes content over. */
  void data(ByteBuf data);

  /** No more comes. */
  void end(@Nullable ByteHeaders trailers);

  /** The transform of {@code plugin} gave up. */
  void fail(String plugin, Throwable cause);

  /** Whether there is room. */
  boolean ready();
}
