package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class FrameScanTest {

  private static final int PREFACE = 24;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int PING = 6;
  private static final int CONTINUATION = 9;
  private static final int PADDED = 8;

  private final FrameScan scan = new FrameScan(new FrameBudget(() -> 0), PREFACE);

  private static ByteBuf preface() {
    return Unpooled.buffer().writeZero(PREFACE);
  }

  private static void frame(ByteBuf to, int type, int flags, int length) {
    to.writeMedium(length).writeByte(type).writeByte(flags).writeInt(1).writeZero(length);
  }

  @Test
  void countsFramesHoweverTheirOctetsCome() {
    ByteBuf all = preface();
    for (int i = 0; i < FrameBudget.EMPTY_FRAMES; i++) {
      frame(all, PING, 1, 8);
      frame(all, DATA, 0, 0);
    }
    while (all.isReadable()) {
      assertThat(scan.look(all.readSlice(1))).isNull();
    }
    assertThat(scan.within()).isFalse();
    frame(all, DATA, 0, 0);
    assertThat(scan.look(all)).isEqualTo("too many empty frames");
  }

  private static void padded(ByteBuf to, int flags, int content, int padding) {
    to.writeMedium(1 + content + padding).writeByte(DATA).writeByte(flags | PADDED).writeInt(1);
    to.writeByte(padding).writeZero(content + padding);
  }

  @Test
  void paddingIsNoContentHoweverItsOctetsCome() {
    ByteBuf all = preface();
    for (int i = 0; i < FrameBudget.EMPTY_FRAMES; i++) {
      padded(all, 0, 0, i * 28);
      frame(all, PING, 1, 8);
    }
    while (all.isReadable()) {
      assertThat(scan.look(all.readSlice(1))).isNull();
    }
    assertThat(scan.within()).isFalse();
    padded(all, 0, 0, 0);
    assertThat(scan.look(all)).isEqualTo("too many empty frames");
  }

  @Test
  void contentBesidePaddingAndWhatEndsTheStreamCount() {
    ByteBuf all = preface();
    for (int i = 0; i < 2 * FrameBudget.EMPTY_FRAMES; i++) {
      for (int j = 0; j < FrameBudget.EMPTY_FRAMES; j++) {
        padded(all, 0, 0, 3);
      }
      padded(all, i % 2, 1 - i % 2, 255);
    }
    assertThat(scan.look(all)).isNull();
    assertThat(scan.within()).isFalse();
  }

  @Test
  void morePaddingThanTheFrameHasIsNoContent() {
    ByteBuf all = preface();
    for (int i = 0; i <= FrameBudget.EMPTY_FRAMES; i++) {
      all.writeMedium(2).writeByte(DATA).writeByte(PADDED).writeInt(1).writeByte(255).writeByte(0);
    }
    assertThat(scan.look(all)).isEqualTo("too many empty frames");
  }

  @Test
  void knowsWhetherASectionIsWhole() {
    assertThat(scan.within()).isTrue();
    assertThat(scan.look(preface())).isNull();
    assertThat(scan.within()).isFalse();
    ByteBuf head = Unpooled.buffer();
    frame(head, HEADERS, 0, 3);
    assertThat(scan.look(head)).isNull();
    assertThat(scan.within()).isTrue();
    ByteBuf rest = Unpooled.buffer();
    frame(rest, CONTINUATION, 4, 3);
    assertThat(scan.look(rest.slice(0, 10))).isNull();
    assertThat(scan.within()).isTrue();
    assertThat(scan.look(rest.slice(10, 2))).isNull();
    assertThat(scan.within()).isFalse();
  }

  @Test
  void readsNothing() {
    ByteBuf all = preface();
    scan.look(all);
    assertThat(all.readerIndex()).isZero();
  }
}
