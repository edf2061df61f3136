package io.sluice.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class Http2EndpointCodecTest {

  private final Http2EndpointCodec codec =
      Http2EndpointCodec.of(
          new Http2Config(
              65_535, 65_535, Long.MAX_VALUE, Duration.ofMinutes(5), Duration.ofSeconds(10)));

  @Test
  void countsAnswersUntilTheSocketTakesThem() {
    EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    ChannelHandlerContext to = channel.pipeline().firstContext();
    for (int i = 0; i < 500; i++) {
      codec.answers().writePing(to, true, i, to.newPromise());
      codec.answers().writeSettingsAck(to, to.newPromise());
    }
    assertThat(codec.answers().unread()).isFalse();
    codec.answers().writeRstStream(to, 1, 8, to.newPromise());
    assertThat(codec.answers().unread()).isTrue();
    channel.flush();
    assertThat(codec.answers().unread()).isFalse();
    channel.finishAndReleaseAll();
  }

  @Test
  void contentThatIsSentAllowsWindowUpdates() {
    EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    ChannelHandlerContext to = channel.pipeline().firstContext();
    int allowed = 0;
    while (codec.budget().windowUpdate() == null) {
      allowed++;
    }
    assertThat(allowed).isEqualTo(5);
    codec.answers().writeData(to, 1, to.alloc().buffer(), 0, false, to.newPromise());
    assertThat(codec.budget().windowUpdate()).isNull();
    channel.finishAndReleaseAll();
  }
}
