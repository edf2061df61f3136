package io.sluice.core.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where a Close frame may be put between the frames that go by. */
class FrameBoundaryTest {

  private static final byte[] GOING_AWAY = {(byte) 0x88, 2, 3, (byte) 0xE9};

  private static void frame(ByteArrayOutputStream out, int opcode, int length, boolean masked) {
    out.write(opcode);
    int mask = masked ? 0x80 : 0;
    if (length < 126) {
      out.write(mask | length);
    } else if (length < 65536) {
      out.write(mask | 126);
      out.write(length >> 8);
      out.write(length);
    } else {
      out.write(mask | 127);
      out.writeBytes(new byte[4]);
      out.write(length >> 24);
      out.write(length >> 16);
      out.write(length >> 8);
      out.write(length);
    }
    out.writeBytes(new byte[length + (masked ? 4 : 0)]);
  }

  @Test
  void isBetweenFramesAndNowhereElse() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Set<Integer> boundaries = new HashSet<>();
    for (int length : new int[] {0, 1, 125, 126, 127, 300, 65535, 65536}) {
      for (boolean masked : new boolean[] {false, true}) {
        frame(out, length % 2 == 0 ? 0x82 : 0x01, length, masked);
        boundaries.add(out.size());
      }
    }
    byte[] octets = out.toByteArray();
    FrameBoundary boundary = new FrameBoundary();
    assertThat(boundary.goingAway()).isEqualTo(GOING_AWAY);
    for (int i = 0; i < octets.length; i++) {
      boundary.passed(Unpooled.wrappedBuffer(octets, i, 1));
      assertThat(boundary.goingAway().length > 0)
          .as("after octet %d", i)
          .isEqualTo(boundaries.contains(i + 1));
    }
  }

  @Test
  void piecesOfAnySizeComeToTheSame() {
    Random random = new Random(3);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < 200; i++) {
      frame(out, 0x82, random.nextInt(2000), random.nextBoolean());
    }
    ByteBuf octets = Unpooled.wrappedBuffer(out.toByteArray());
    FrameBoundary boundary = new FrameBoundary();
    while (octets.isReadable()) {
      boundary.passed(octets.readSlice(Math.min(octets.readableBytes(), 1 + random.nextInt(999))));
    }
    assertThat(boundary.goingAway()).isEqualTo(GOING_AWAY);
  }

  @Test
  void nothingFollowsACloseFrame() {
    FrameBoundary boundary = new FrameBoundary();
    boundary.passed(Unpooled.wrappedBuffer(new byte[] {(byte) 0x88, 0}));
    assertThat(boundary.goingAway()).isEmpty();
  }

  @Test
  void aLengthThatNoFrameHasIsTheEndOfIt() {
    FrameBoundary boundary = new FrameBoundary();
    boundary.passed(
        Unpooled.wrappedBuffer(new byte[] {(byte) 0x82, 127, -1, -1, -1, -1, -1, -1, -1, -1, 0}));
    assertThat(boundary.goingAway()).isEmpty();
  }
}
