package io.sluice.core.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the rest takes for granted of every transport. */
class TransportTypeTest {

  static Stream<TransportType> usableHere() {
    return Stream.of(TransportType.values()).filter(type -> type.unavailable() == null);
  }

  /** It is nowhere set: each option costs a system call for each connection. */
  @ParameterizedTest
  @MethodSource("usableHere")
  void connectionsDelayNothing(TransportType type) throws Exception {
    SocketChannel channel = type.resolved().socket().getDeclaredConstructor().newInstance();
    try {
      assertThat(channel.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
    } finally {
      channel.unsafe().closeForcibly();
    }
  }
}
