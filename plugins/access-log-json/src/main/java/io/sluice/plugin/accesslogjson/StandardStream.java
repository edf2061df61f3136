package io.sluice.plugin.accesslogjson;

import java.io.IOException;
import java.io.OutputStream;

/** Writes to a stream of the process, which is never closed. */
final class StandardStream implements LogTarget {

  private final OutputStream stream;

  StandardStream(OutputStream stream) {
    this.stream = stream;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    stream.write(bytes, offset, length);
  }

  @Override
  public void close() throws IOException {
    stream.flush();
  }
}
