package io.sluice.plugin.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HeaderName;
import io.sluice.api.upstream.EndpointSlot;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FakesTest {

  @Test
  void wallClockAndTickerMoveTogetherAndOnlyWhenTold() {
    FakeClock clock = new FakeClock();
    long before = clock.ticker().getAsLong();
    clock.advance(Duration.ofMillis(1500));

    assertThat(clock.instant()).isEqualTo(Instant.parse("2026-01-01T00:00:01.500Z"));
    assertThat(clock.nanos() - before).isEqualTo(1_500_000_000L);
    assertThatThrownBy(() -> clock.advance(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void headersSetReplacesEveryLineInPlace() {
    FakeHeaders headers = FakeHeaders.of("A: 1", "B: 2", "a: 3");
    headers.set("A", "4");

    assertThat(headers.lines()).containsExactly("A: 4", "B: 2");
    assertThat(headers.all(HeaderName.of("b"))).containsExactly("2");
    assertThat(headers.copy().remove("A")).isTrue();
    assertThat(headers.contains(HeaderName.of("A"))).isTrue();
    assertThatThrownBy(() -> headers.add("C", "a\nb")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void attemptsKnowWhetherOctetsWentOutAndWhoIsAtFault() {
    assertThat(FakeAttempt.failed(ErrorKind.CONNECTION_REFUSED).requestSent()).isFalse();
    assertThat(FakeAttempt.failed(ErrorKind.CONNECTION_TERMINATED).requestSent()).isTrue();
    assertThat(FakeAttempt.answered(503).failed()).isTrue();
    assertThat(FakeAttempt.answered(404).failed()).isFalse();
    assertThat(FakeAttempt.abandoned().failed()).isFalse();
    assertThat(FakeAttempt.answered(200).after(Duration.ofSeconds(2)).durationNanos())
        .isEqualTo(2_000_000_000L);
    assertThat(FakeAttempt.answered(503).retryAfter(Duration.ofSeconds(1)).retryAfterNanos())
        .isEqualTo(1_000_000_000L);
  }

  @Test
  void endpointsKeepTheirSlots() {
    FakeEndpoint endpoint = FakeEndpoint.at("[2001:db8::1]:8080").weight(3).effectiveWeight(0.5);
    EndpointSlot<String> slot = new EndpointSlot<>(0, String.class);

    assertThat(endpoint.host()).isEqualTo("[2001:db8::1]");
    assertThat(endpoint.get(slot)).isNull();
    assertThat(endpoint.getOrSet(slot, "a")).isEqualTo("a");
    assertThat(endpoint.getOrSet(slot, "b")).isEqualTo("a");
    assertThat(endpoint.weight()).isEqualTo(3);
    assertThat(endpoint.effectiveWeight()).isEqualTo(0.5);
    assertThat(FakeEndpoint.several(2))
        .extracting(FakeEndpoint::id)
        .containsExactly("10.0.0.1:80", "10.0.0.2:80");
  }

  @Test
  void aChunkGivenUpCannotBeUsed() {
    FakeChunk chunk = FakeChunk.of("abc");
    chunk.retain();
    chunk.release();
    assertThat(chunk.bytes().remaining()).isEqualTo(3);
    chunk.release();

    assertThat(chunk.holders()).isZero();
    assertThatThrownBy(chunk::bytes).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(chunk::release).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void picksExcludeWhatWasTried() {
    FakeEndpoint tried = FakeEndpoint.at("10.0.0.1:80");

    assertThat(FakePick.after(tried).excluded(tried)).isTrue();
    assertThat(FakePick.after(tried).earlierAttempts()).isEqualTo(1);
    assertThat(FakePick.first().excluded(tried)).isFalse();
  }
}
