package io.sluice.plugin.testkit;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.observe.TcpConnection;
import io.sluice.api.upstream.Endpoint;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection that ended, for tests of access logs: of the client 203.0.113.7 to the listener
 * {@code tcp}, by way of a load balancer at 10.0.0.254.
 */
public record FakeTcpConnection(
    String id,
    SocketAddress client,
    String clientIp,
    SocketAddress peer,
    String listener,
    @Nullable String upstream,
    @Nullable Endpoint endpoint,
    @Nullable String serverName,
    Ending ending,
    @Nullable ErrorKind error,
    long durationNanos,
    long receivedBytes,
    long sentBytes,
    int attempts)
    implements TcpConnection {

  /** One that was relayed to {@code endpoint} and ended well, after asking for {@code name}. */
  public static FakeTcpConnection relayed(Endpoint endpoint, @Nullable String name) {
    return made(endpoint, name, Ending.COMPLETED, null);
  }

  /** One that never reached an endpoint. */
  public static FakeTcpConnection failed(ErrorKind kind) {
    return made(null, null, Ending.FAILED, kind);
  }

  private static FakeTcpConnection made(
      @Nullable Endpoint endpoint,
      @Nullable String name,
      Ending ending,
      @Nullable ErrorKind error) {
    return new FakeTcpConnection(
        "00000000000000b1",
        new InetSocketAddress("203.0.113.7", 40_000),
        "203.0.113.7",
        new InetSocketAddress("10.0.0.254", 50_000),
        "tcp",
        "test-upstream",
        endpoint,
        name,
        ending,
        error,
        12_345_678,
        endpoint == null ? 0 : 5,
        endpoint == null ? 0 : 1_024,
        1);
  }
}
