package io.sluice.core.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.listener.ClosedStreams.How;
import org.junit.jupiter.api.Test;

class ClosedStreamsTest {

  private final ClosedStreams streams = new ClosedStreams();

  @Test
  void tellsHowAStreamWasClosed() {
    streams.closed(1);
    streams.reset(5);
    streams.closed(5);
    assertThat(streams.how(1)).isEqualTo(How.ENDED);
    assertThat(streams.how(3)).isEqualTo(How.UNKNOWN);
    assertThat(streams.how(5)).isEqualTo(How.RESET);
  }

  @Test
  void forgetsThoseOfLongAgo() {
    for (int stream = 1; stream < 2_000; stream += 2) {
      streams.closed(stream);
    }
    assertThat(streams.how(1)).isEqualTo(How.UNKNOWN);
    assertThat(streams.how(1_999)).isEqualTo(How.ENDED);
  }
}
