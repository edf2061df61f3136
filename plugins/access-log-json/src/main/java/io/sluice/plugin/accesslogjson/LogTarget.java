package io.sluice.plugin.accesslogjson;

import java.io.Closeable;
import java.io.IOException;

/** Where lines go. Used by one thread at a time, which may block; opened by the first write. */
interface LogTarget extends Closeable {

  /** Writes whole lines, or pieces of a line that follow each other. */
  void write(byte[] bytes, int offset, int length) throws IOException;

  @Override
  void close() throws IOException;
}
