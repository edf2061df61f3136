package io.sluice.core.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;
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
  void connectionsDelayNothing(TransportType type) {
    for (String to : List.of("127.0.0.1", "::1")) {
      SocketAddress address =
          new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(to), 1);
      Channel channel = Objects.requireNonNull(type.resolved().connecting(address)).newChannel();
      try {
        assertThat(channel.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
      } finally {
        channel.unsafe().closeForcibly();
      }
    }
  }
}
