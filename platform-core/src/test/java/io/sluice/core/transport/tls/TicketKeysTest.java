package io.sluice.core.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class TicketKeysTest {

  private static final long TURN = 1_000;

  private long now = 5;
  private final TicketKeys keys = new TicketKeys(TURN, () -> now);

  private List<String> names() {
    return Arrays.stream(keys.keys())
        .map(OpenSslSessionTicketKey::name)
        .map(HexFormat.of()::formatHex)
        .toList();
  }

  @Test
  void oneKeySealsForATurnAndOpensForAnother() {
    List<String> first = names();
    assertThat(first).hasSize(1);
    now += TURN - 1;
    assertThat(keys.rotateIfDue()).isFalse();
    assertThat(names()).isEqualTo(first);
    now += 1;
    assertThat(keys.rotateIfDue()).isTrue();
    List<String> second = names();
    assertThat(second).hasSize(2).endsWith(first.get(0)).doesNotHaveDuplicates();
    now += TURN;
    assertThat(keys.rotateIfDue()).isTrue();
    assertThat(names()).hasSize(2).endsWith(second.get(0)).doesNotContain(first.get(0));
  }

  @Test
  void aKeyThatSealedTooLongAgoOpensNothing() {
    List<String> first = names();
    now += 2 * TURN;
    assertThat(keys.rotateIfDue()).isTrue();
    assertThat(names()).hasSize(1).doesNotContainAnyElementsOf(first);
  }

  @Test
  void forgettingLeavesNoOldKey() {
    now += TURN;
    keys.rotateIfDue();
    List<String> before = names();
    keys.forget();
    assertThat(names()).hasSize(1).doesNotContainAnyElementsOf(before);
    now += TURN - 1;
    assertThat(keys.rotateIfDue()).as("its turn began with it").isFalse();
  }
}
