package io.sluice.plugin.requestid;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RandomIdsTest {

  @Test
  void writesVersionFourUuids() {
    String text = new RandomIds().next(RequestIdConfig.Format.UUID);

    UUID uuid = UUID.fromString(text);
    assertThat(uuid.version()).isEqualTo(4);
    assertThat(uuid.variant()).isEqualTo(2);
    assertThat(uuid).hasToString(text);
  }

  @Test
  void putsEveryBitInItsPlace() {
    assertThat(RandomIds.uuid(0x0123456789abcdefL, 0xfedcba9876543210L))
        .isEqualTo("01234567-89ab-4def-bedc-ba9876543210");
    assertThat(RandomIds.hex(0x0123456789abcdefL, 0xfedcba9876543210L))
        .isEqualTo("0123456789abcdeffedcba9876543210");
  }

  @Test
  void doesNotRepeatItself() {
    RandomIds ids = new RandomIds();
    Set<String> seen = new HashSet<>();

    for (int i = 0; i < 10_000; i++) {
      seen.add(ids.next(RequestIdConfig.Format.HEX));
    }

    assertThat(seen).hasSize(10_000).allMatch(id -> id.matches("[0-9a-f]{32}"));
  }
}
