package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.api.http.HeaderName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link ByteHeaders}, and with it {@link Known}, {@link ConnectionOptions} and {@link Chunks}. */
class ByteHeadersTest {

  private static ByteHeaders parsed(String lines) {
    return Heads.request("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n").headers();
  }

  private static String written(ByteHeaders headers, long except, @Nullable List<String> named) {
    ByteBuf out = Unpooled.buffer();
    headers.write(out, except, named);
    return Heads.text(out);
  }

  @Test
  void findsWhatCameWhateverItsCase() {
    ByteHeaders headers = parsed("x-a: 1\r\nX-A:2\r\nContent-Type: text/plain\r\n");
    assertThat(headers.get("X-A")).isEqualTo("1");
    assertThat(headers.all(HeaderName.of("X-A"))).containsExactly("1", "2");
    assertThat(headers.contains(HeaderName.of("content-type"))).isTrue();
    assertThat(headers.get("X-B")).isNull();
    assertThat(headers.get(Known.HOST)).isEqualTo("a");
    assertThat(headers.has(Known.VIA)).isFalse();
    assertThat(headers).hasToString("Host: a\nx-a: 1\nX-A: 2\nContent-Type: text/plain\n");
  }

  @Test
  void editsKeepThePlaceOfALine() {
    ByteHeaders headers = parsed("A: 1\r\nB: 2\r\nA: 3\r\nC: 4\r\n");
    headers.set("a", "5").add("B", "6");
    assertThat(headers.remove(HeaderName.of("c"))).isTrue();
    assertThat(headers.remove(HeaderName.of("c"))).isFalse();
    assertThat(written(headers, 0, null)).isEqualTo("Host: a\r\na: 5\r\nB: 2\r\nB: 6\r\n");
  }

  @Test
  void leavesOutKnownAndNamedLines() {
    ByteHeaders headers = parsed("Via: 1\r\nX-A: 2\r\nvia: 3\r\nX-B: 4\r\nx-a: 5\r\n");
    assertThat(written(headers, Known.set(Known.VIA, Known.HOST), List.of("x-a")))
        .isEqualTo("X-B: 4\r\n");
    assertThat(written(headers, Known.set(Known.TE), null)).startsWith("Host: a\r\nVia: 1\r\n");
  }

  @Test
  void namesOnlyMeanWhatWasReceived() {
    ByteHeaders headers = parsed("X-A: client\r\nX-B: client\r\n");
    headers.set("X-A", "proxy");
    assertThat(written(headers, 0, List.of("x-a", "x-b"))).isEqualTo("Host: a\r\nX-A: proxy\r\n");
    ByteHeaders copy = new ByteHeaders();
    copy.copyFrom(headers);
    assertThat(written(copy, 0, List.of("x-a", "x-b"))).isEqualTo("Host: a\r\nX-A: proxy\r\n");
  }

  @Test
  void removesByMask() {
    ByteHeaders headers = parsed("Via: 1\r\nX-A: 2\r\nVia: 3\r\n");
    headers.removeAll(Known.set(Known.VIA, Known.TE));
    assertThat(headers.has(Known.VIA)).isFalse();
    assertThat(headers.size()).isEqualTo(2);
    headers.add("Via", "4");
    assertThat(headers.get(Known.VIA)).isEqualTo("4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nb", "a\nb", "a\rb", "a\0b", "\u0100", "a\u007fb", "\u20ac"})
  void refusesValuesThatWouldBreakALine(String value) {
    ByteHeaders headers = new ByteHeaders();
    assertThatThrownBy(() -> headers.set("A", value)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> headers.add("A", value)).isInstanceOf(IllegalArgumentException.class);
    assertThat(headers.size()).isZero();
  }

  @Test
  void tokensAreMembersOfLists() {
    ByteHeaders headers = parsed("A: x, Foo ,\tbar\r\nA: baz\r\nB: foobar\r\n");
    HeaderName name = HeaderName.of("A");
    for (String token : List.of("foo", "BAR", "baz", "x")) {
      assertThat(headers.containsToken(name, token)).as(token).isTrue();
    }
    assertThat(headers.containsToken(name, "fo")).isFalse();
    assertThat(headers.containsToken(HeaderName.of("B"), "foo")).isFalse();
  }

  @Test
  void memoryOfALargeSectionIsGivenBack() {
    ByteHeaders headers = new ByteHeaders();
    headers.add("A", "x".repeat(40_000));
    assertThat(headers.bytes.length).isGreaterThan(40_000);
    headers.clear();
    assertThat(headers.bytes).hasSizeLessThanOrEqualTo(16 * 1024);
  }

  @Test
  void agreesWithAPlainList() {
    Random random = new Random(3);
    List<String> names = List.of("A", "Via", "X-Long-Name-Of-A-Header", "TE", "b", "Date");
    ByteHeaders headers = new ByteHeaders();
    List<String[]> model = new ArrayList<>();
    for (int round = 0; round < 5000; round++) {
      String name = names.get(random.nextInt(names.size()));
      String value = "v" + round;
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          headers.add(name, value);
          model.add(new String[] {name, value});
        }
        case 2, 3 -> set(headers, model, name, value);
        case 4 -> {
          headers.remove(HeaderName.of(name));
          model.removeIf(line -> line[0].equals(name));
        }
        default -> {
          if (headers.size() > 60) {
            headers.clear();
            model.clear();
          }
        }
      }
      StringBuilder expected = new StringBuilder();
      model.forEach(line -> expected.append(line[0] + ": " + line[1] + "\r\n"));
      assertThat(written(headers, 0, null)).isEqualTo(expected.toString());
    }
  }

  private static void set(ByteHeaders headers, List<String[]> model, String name, String value) {
    headers.set(name, value);
    boolean placed = false;
    for (int i = 0; i < model.size(); i++) {
      if (model.get(i)[0].equals(name)) {
        if (placed) {
          model.remove(i--);
        } else {
          model.get(i)[1] = value;
          placed = true;
        }
      }
    }
    if (!placed) {
      model.add(new String[] {name, value});
    }
  }

  @Test
  void everyKnownNameIsFoundByItsOctetsInAnyCase() {
    for (int id = 1; id <= Known.REPR_DIGEST; id++) {
      HeaderName name = Known.name(id);
      assertThat(Known.of(name)).isEqualTo(id);
      for (String text :
          List.of(name.toString(), name.lowerCase(), name.lowerCase().toUpperCase(Locale.ROOT))) {
        byte[] octets = text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        assertThat(Known.of(octets, 0, octets.length)).as(text).isEqualTo(id);
        octets[octets.length - 1] = '!';
        assertThat(Known.of(octets, 0, octets.length)).isEqualTo(Known.OTHER);
      }
    }
    assertThat(Known.REPR_DIGEST).as("bits of a mask").isLessThan(64);
  }

  @Test
  void connectionOptionsOfSeveralLines() {
    ConnectionOptions options = new ConnectionOptions();
    options.read(parsed("Connection: , X-A ,close\r\nConnection:UPGRADE,,te, Host,x-b\r\n"));
    assertThat(options.close).isTrue();
    assertThat(options.upgrade).isTrue();
    assertThat(options.keepAlive).isFalse();
    assertThat(options.names).containsExactly("x-a", "x-b");
    options.read(parsed("Connection: Keep-Alive\r\n"));
    assertThat(options.close || options.upgrade).isFalse();
    assertThat(options.keepAlive).isTrue();
    assertThat(options.names).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 9, 10, 15, 16, 255, 256, 4095, 65_536, 0x7fffffff})
  void chunkSizes(int size) {
    ByteBuf out = Unpooled.buffer();
    Chunks.writeSize(out, size);
    assertThat(Heads.text(out)).isEqualTo(Integer.toHexString(size) + "\r\n");
    Chunks.writeEnd(out);
    assertThat(out.readableBytes()).isLessThanOrEqualTo(Chunks.OVERHEAD);
  }

  @Test
  void lastChunks() {
    ByteHeaders trailers = new ByteHeaders();
    trailers.add("X-Sum", "1").add("X-Two", "2");
    String expected = "0\r\nX-Sum: 1\r\nX-Two: 2\r\n\r\n";
    assertThat(Chunks.lastRoom(trailers)).isGreaterThanOrEqualTo(expected.length());
    ByteBuf out = Unpooled.buffer();
    Chunks.writeLast(out, trailers);
    Chunks.writeLast(out, null);
    Chunks.writeLast(out, new ByteHeaders());
    assertThat(Heads.text(out)).isEqualTo(expected + "0\r\n\r\n0\r\n\r\n");
  }
}
