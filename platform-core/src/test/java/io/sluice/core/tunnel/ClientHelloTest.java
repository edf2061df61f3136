package io.sluice.core.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.core.tunnel.ClientHello.State;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Where a client wants to go, read from whole messages, pieces of them and garbage. */
class ClientHelloTest {

  private static ClientHello read(byte[] octets) {
    ClientHello hello = new ClientHello();
    hello.read(Unpooled.wrappedBuffer(octets), 0);
    return hello;
  }

  @Test
  void findsTheNameWhereverTheOctetsAreSplit() {
    byte[] octets = Hellos.named("www.Example.com");
    for (int split = 1; split < octets.length; split++) {
      ClientHello hello = new ClientHello();
      ByteBuf in = Unpooled.buffer().writeBytes(octets, 0, split);
      assertThat(hello.read(in, 0)).isEqualTo(State.MORE);
      in.writeBytes(octets, split, octets.length - split);
      assertThat(hello.read(in, split)).isEqualTo(State.WHOLE);
      assertThat(hello.serverName()).isEqualTo("www.example.com");
    }
  }

  @Test
  void findsTheNameInOctetsThatComeOneByOneInRecordsOfOne() {
    byte[] octets = Hellos.inRecords(Hellos.message("a.example.com"), 1);
    ClientHello hello = new ClientHello();
    ByteBuf in = Unpooled.buffer();
    for (int i = 0; i < octets.length; i++) {
      assertThat(hello.state()).isEqualTo(State.MORE);
      in.writeByte(octets[i]);
      hello.read(in, i);
    }
    assertThat(hello.state()).isEqualTo(State.WHOLE);
    assertThat(hello.serverName()).isEqualTo("a.example.com");
  }

  @Test
  void looksAtNoOctetBehindTheMessage() {
    byte[] octets = Hellos.named("a.example.com");
    ByteBuf in = Unpooled.buffer().writeBytes(octets).writeBytes(new byte[] {23, 9, 9, 0, 0});
    ClientHello hello = new ClientHello();
    assertThat(hello.read(in, 0)).isEqualTo(State.WHOLE);
  }

  @Test
  void aClientMayNameNobody() {
    ClientHello hello = read(Hellos.inRecords(Hellos.message(null), 1 << 14));
    assertThat(hello.state()).isEqualTo(State.WHOLE);
    assertThat(hello.serverName()).isNull();
    ClientHello bare = read(Hellos.inRecords(Hellos.withoutExtensions(), 1 << 14));
    assertThat(bare.state()).isEqualTo(State.WHOLE);
    assertThat(bare.serverName()).isNull();
  }

  @Test
  void aFinalDotIsNoPartOfTheName() {
    assertThat(read(Hellos.named("a.example.com.")).serverName()).isEqualTo("a.example.com");
  }

  @Test
  void refusesNamesThatAreNone() {
    for (String name :
        new String[] {"", ".", "a b", "a\u0000b", "\u00e9.example", "x".repeat(254)}) {
      assertThat(read(Hellos.named(name)).state()).as(name).isEqualTo(State.BROKEN);
    }
  }

  @Test
  void refusesWhatIsNoHandshake() {
    assertThat(
            read("GET / HTTP/1.1\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).state())
        .isEqualTo(State.BROKEN);
    assertThat(read(new byte[] {22, 2}).state()).isEqualTo(State.BROKEN);
    assertThat(read(new byte[] {22, 3, 1, 0, 0}).state()).isEqualTo(State.BROKEN);
    assertThat(read(new byte[] {22, 3, 1, 0x40, 1}).state()).isEqualTo(State.BROKEN);
    assertThat(read(new byte[] {22, 3, 1, 0, 4, 2, 0, 0, 1}).state()).isEqualTo(State.BROKEN);
    assertThat(read(new byte[] {22, 3, 1, 0, 4, 1, 0, 0x40, 0}).state()).isEqualTo(State.BROKEN);
    assertThat(read(new byte[] {22, 3, 1, 0, 4, 1, 0, 0, 0}).state()).isEqualTo(State.BROKEN);
    assertThat(read(new byte[] {(byte) 0x80, 46, 1}).state()).isEqualTo(State.BROKEN);
  }

  @Test
  void noMessageWithAnyOctetChangedOrMissingIsMisread() {
    byte[] octets = Hellos.named("a.example.com");
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      byte[] changed = octets.clone();
      int changes = 1 + random.nextInt(3);
      for (int i = 0; i < changes; i++) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt();
      }
      ClientHello hello = read(changed); // no exception, whatever the lengths say
      if (hello.state() == State.WHOLE && hello.serverName() != null) {
        assertThat(hello.serverName()).matches("[a-z0-9_.:-]{1,253}");
      }
    }
  }

  @Test
  void inventedMessagesOfTheRightShapeDoNotThrow() {
    Random random = new Random(11);
    for (int round = 0; round < 20_000; round++) {
      byte[] body = new byte[4 + random.nextInt(300)];
      random.nextBytes(body);
      body[0] = 1;
      body[1] = 0;
      body[2] = (byte) ((body.length - 4) >> 8);
      body[3] = (byte) (body.length - 4);
      assertThat(read(Hellos.inRecords(body, 1 << 14)).state()).isNotNull();
    }
  }
}
