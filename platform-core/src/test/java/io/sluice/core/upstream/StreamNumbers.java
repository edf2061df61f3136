package io.sluice.core.upstream;

import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import io.sluice.core.transport.LoopContext;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The streams of an upstream's HTTP/2 connections: looks at them, and makes their numbers high. */
public final class StreamNumbers {

  private StreamNumbers() {}

  /** As if every stream below {@code id}, an odd number, had been used on each connection. */
  public static void passOver(Upstream upstream, LoopContext loop, int id) {
    try {
      loop.loop()
          .submit(
              () -> {
                for (PooledConnection each : upstream.pool(loop).connections()) {
                  pass((Http2EndpointConnection) each, id);
                }
              })
          .get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  /** How many more requests the connections of an upstream take, once there are so many of them. */
  public static int room(Upstream upstream, LoopContext loop, int connections) {
    try {
      return loop.loop()
          .submit(
              () -> {
                var all = upstream.pool(loop).connections();
                return all.size() == connections
                    ? all.stream().mapToInt(PooledConnection::room).sum()
                    : -1;
              })
          .get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private static void pass(Http2EndpointConnection connection, int id) {
    try {
      Http2Stream skipped = connection.connection().local().createStream(id, true);
      skipped.close();
    } catch (Http2Exception e) {
      throw new AssertionError(e);
    }
  }
}
