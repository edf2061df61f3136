package io.sluice.plugin.testkit;

import io.sluice.api.middleware.ResponseWriter;
import java.nio.ByteBuffer;

/** Streams a plugin's own response into an exchange; does nothing once that is over. */
final class RunWriter implements ResponseWriter {

  private final ExchangeRun run;
  private final BodyPipe pipe;

  RunWriter(ExchangeRun run, BodyPipe pipe) {
    this.run = run;
    this.pipe = pipe;
  }

  @Override
  public void write(ByteBuffer bytes) {
    byte[] octets = new byte[bytes.remaining()];
    bytes.get(octets);
    run.unlessOver(() -> pipe.feed(octets));
  }

  @Override
  public boolean ready() {
    return true;
  }

  @Override
  public void whenReady(Runnable task) {
    run.onLoop(task);
  }

  @Override
  public void end() {
    run.unlessOver(() -> pipe.end(null));
  }

  @Override
  public void fail(Throwable cause) {
    run.unlessOver(() -> run.breakOff(cause));
  }
}
