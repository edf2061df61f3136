package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.HeaderName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyDecoderTest {

  private static final int MAX_TRAILERS = 200;

  private final BodyDecoder decoder = new BodyDecoder(ErrorKind.BAD_REQUEST, MAX_TRAILERS);
  private final Collector sink = new Collector();

  @Test
  void hasNothingToReadBeforeTheFirstMessage() {
    assertThat(decoder.done()).isTrue();
  }

  @Test
  void isDoneAtOnceWithoutContent() {
    decoder.reset(Framing.NONE, 0, Long.MAX_VALUE);
    assertThat(decoder.done()).isTrue();
    decoder.reset(Framing.LENGTH, 0, Long.MAX_VALUE);
    assertThat(decoder.done()).isTrue();
    assertThat(feed("GET /", 0)).isEqualTo("GET /");
    assertThat(sink.ends).isZero();
  }

  @Test
  void leavesTheNextMessageBehindALength() {
    everySplit(
        "hello worldGET / HTTP/1.1",
        () -> decoder.reset(Framing.LENGTH, 11, 11),
        rest -> {
          assertThat(rest).isEqualTo("GET / HTTP/1.1");
          assertThat(sink.text()).isEqualTo("hello world");
          assertThat(sink.ends).isEqualTo(1);
          assertThat(sink.trailers).isEmpty();
        });
  }

  @Test
  void leavesTheNextMessageBehindTheLastChunk() {
    everySplit(
        "5\r\nhello\r\n00006\r\n world\r\n0\r\n\r\nGET / HTTP/1.1",
        () -> decoder.reset(Framing.CHUNKED, 0, 11),
        rest -> {
          assertThat(rest).isEqualTo("GET / HTTP/1.1");
          assertThat(sink.text()).isEqualTo("hello world");
          assertThat(sink.ends).isEqualTo(1);
          assertThat(sink.trailers).isEmpty();
        });
  }

  @Test
  void readsHexSizesInEitherCase() {
    everySplit(
        "A\r\n0123456789\r\nb\r\n0123456789a\r\n000\r\n\r\n",
        () -> decoder.reset(Framing.CHUNKED, 0, Long.MAX_VALUE),
        rest -> assertThat(sink.text()).isEqualTo("01234567890123456789a"));
  }

  @Test
  void readsTrailersAndDropsThoseThatComeTooLate() {
    everySplit(
        "1\r\nx\r\n0\r\nX-Sum:  abc \r\nset-cookie: a=b\r\nX-Empty:\r\nX-Sum: d\r\n\r\nrest",
        () -> decoder.reset(Framing.CHUNKED, 0, 1),
        rest -> {
          assertThat(rest).isEqualTo("rest");
          assertThat(sink.trailers).isEqualTo("X-Sum: abc\nX-Empty: \nX-Sum: d\n");
        });
  }

  @Test
  void forgetsTheTrailersOfTheMessageBefore() {
    decoder.reset(Framing.CHUNKED, 0, 1);
    feed("0\r\nA: b\r\n\r\n", 0);
    assertThat(sink.trailers).isEqualTo("A: b\n");
    decoder.reset(Framing.CHUNKED, 0, 1);
    feed("0\r\n\r\n", 0);
    assertThat(sink.trailers).isEmpty();
    assertThat(sink.ends).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {";a", ";a=b", ";a=b;c", ";a=\"q;\\\"\r\"", ";a=\"\t x\";b=c"})
  void readsAndForgetsWellFormedExtensions(String extension) {
    String sound = extension.replace("\r", "x");
    everySplit(
        "2" + sound + "\r\nhi\r\n0" + sound + "\r\n\r\n",
        () -> decoder.reset(Framing.CHUNKED, 0, 2),
        rest -> {
          assertThat(sink.text()).isEqualTo("hi");
          assertThat(sink.ends).isEqualTo(1);
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n",
        " 5\r\nhello\r\n",
        "5 \r\nhello\r\n",
        "5\t\r\nhello\r\n",
        "+5\r\nhello\r\n",
        "-5\r\nhello\r\n",
        "0x5\r\nhello\r\n",
        "5h\r\nhello\r\n",
        "5_0\r\nhello\r\n",
        "5,\r\nhello\r\n",
        "g\r\n",
        "5\nhello\r\n",
        "5\r\r\nhello\r\n",
        "5\rhello\r\n",
        "5\r\nhelloX\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhello\rX",
        "8000000000000000\r\n",
        "ffffffffffffffff\r\n",
        "00000000000000005\r\nhello\r\n",
        "10000000000000000\r\n",
        "5;\r\nhello\r\n",
        "5;a=\r\nhello\r\n",
        "5;a b\r\nhello\r\n",
        "5; a\r\nhello\r\n",
        "5 ;a\r\nhello\r\n",
        "5;a\nhello\r\n",
        "5;\nhello\r\n",
        "5;a\rhello\r\n",
        "5;a=\"b\r\nhello\r\n",
        "5;a=\"b\"c\r\nhello\r\n",
        "5;a=\"b\nc\"\r\nhello\r\n",
        "5;a\u0000\r\nhello\r\n",
        "5;=a\r\nhello\r\n",
        "0\r\n\n",
        "0\n\r\n",
        "0\r\nA: b\n\r\n",
        "0\r\nA: b\rc\r\n\r\n",
        "0\r\nA : b\r\n\r\n",
        "0\r\n folded\r\n\r\n",
        "0\r\nA: b\r\n folded\r\n\r\n",
        "0\r\n: b\r\n\r\n",
        "0\r\nno colon\r\n\r\n",
        "0\r\nA: b\u0000\r\n\r\n",
        "0\r\nContent-Length: 3\r\n\r\n",
        "0\r\ntransfer-encoding: chunked\r\n\r\n",
        "0\r\nHost: other\r\n\r\n"
      })
  void refusesWhatIsNotTheChunkedCoding(String octets) {
    for (int split = 0; split <= octets.length(); split++) {
      int cut = split;
      decoder.reset(Framing.CHUNKED, 0, Long.MAX_VALUE);
      FramingException broken =
          catchThrowableOfType(FramingException.class, () -> feed(octets + "0\r\n\r\n", cut));
      assertThat(broken).as("cut at %d", split).isNotNull();
      assertThat(broken.kind()).isEqualTo(ErrorKind.BAD_REQUEST);
      assertThat(broken.reason()).isNotEmpty();
      assertThat(sink.ends).isZero();
      assertThat(decoder.done()).isFalse();
      assertThatThrownBy(() -> feed("0\r\n\r\n", 0)).isInstanceOf(FramingException.class);
    }
  }

  @Test
  void boundsTheExtensionsOfTheWholeMessage() {
    decoder.reset(Framing.CHUNKED, 0, Long.MAX_VALUE);
    String chunk = "1;" + "a".repeat(1022) + "\r\nx\r\n";
    for (int i = 0; i < 16; i++) {
      feed(chunk, 0);
    }
    assertThatThrownBy(() -> feed(chunk, 0)).isInstanceOf(FramingException.class);
  }

  @Test
  void boundsTheTrailers() {
    decoder.reset(Framing.CHUNKED, 0, Long.MAX_VALUE);
    feed("0\r\nA: " + "b".repeat(MAX_TRAILERS - 5) + "\r\n\r\n", 0);
    assertThat(decoder.done()).isTrue();
    decoder.reset(Framing.CHUNKED, 0, Long.MAX_VALUE);
    assertThatThrownBy(() -> feed("0\r\nA: " + "b".repeat(MAX_TRAILERS - 4) + "\r\n\r\n", 0))
        .isInstanceOf(FramingException.class)
        .hasMessageContaining("trailer");
  }

  @Test
  void refusesALengthOverTheLimitBeforeAnyOctet() {
    FramingException tooLarge =
        catchThrowableOfType(FramingException.class, () -> decoder.reset(Framing.LENGTH, 11, 10));
    assertThat(tooLarge.kind()).isEqualTo(ErrorKind.BODY_TOO_LARGE);
  }

  @Test
  void refusesTheChunkThatGoesOverTheLimit() {
    decoder.reset(Framing.CHUNKED, 0, 10);
    feed("5\r\nhello\r\n5\r\n", 0);
    feed("hello\r\n", 0);
    FramingException tooLarge =
        catchThrowableOfType(FramingException.class, () -> feed("1\r\nx", 0));
    assertThat(tooLarge.kind()).isEqualTo(ErrorKind.BODY_TOO_LARGE);
    assertThat(sink.text()).isEqualTo("hellohello");
  }

  @Test
  void refusesChunksWhoseSizesOverflow() {
    decoder.reset(Framing.CHUNKED, 0, Long.MAX_VALUE);
    feed("1\r\nx\r\n", 0);
    FramingException tooLarge =
        catchThrowableOfType(FramingException.class, () -> feed("7fffffffffffffff\r\n", 0));
    assertThat(tooLarge.kind()).isEqualTo(ErrorKind.BODY_TOO_LARGE);
  }

  @Test
  void lastsUntilTheConnectionCloses() {
    decoder.reset(Framing.UNTIL_CLOSE, 0, 11);
    feed("hello ", 0);
    feed("world", 0);
    assertThat(decoder.done()).isFalse();
    decoder.inputClosed(sink);
    assertThat(decoder.done()).isTrue();
    assertThat(sink.text()).isEqualTo("hello world");
    assertThat(sink.ends).isEqualTo(1);
  }

  @Test
  void saysThatABodyEndsEarly() {
    BodyDecoder responses = new BodyDecoder(ErrorKind.BAD_RESPONSE, 0);
    responses.reset(Framing.LENGTH, 3, Long.MAX_VALUE);
    FramingException broken =
        catchThrowableOfType(FramingException.class, () -> responses.inputClosed(sink));
    assertThat(broken.kind()).isEqualTo(ErrorKind.BAD_RESPONSE);
    decoder.reset(Framing.CHUNKED, 0, Long.MAX_VALUE);
    feed("5\r\nhello\r\n0\r\n", 0);
    assertThatThrownBy(() -> decoder.inputClosed(sink)).isInstanceOf(FramingException.class);
    assertThat(sink.ends).isZero();
  }

  @Test
  void mayBeginTheNextMessageInsideTheEnd() {
    BodyDecoder.Sink next =
        new BodyDecoder.Sink() {
          @Override
          public void onData(ByteBuf data) {
            data.release();
          }

          @Override
          public void onEnd(@Nullable ByteHeaders trailers) {
            decoder.reset(Framing.LENGTH, 4, 4);
          }
        };
    decoder.reset(Framing.LENGTH, 2, 2);
    ByteBuf in = Unpooled.copiedBuffer("ab", StandardCharsets.US_ASCII);
    decoder.decode(in, next);
    assertThat(decoder.done()).isFalse();
    in.release();
  }

  @Test
  void handsOverSlicesThatOutliveTheInput() {
    ByteBuf in = PooledByteBufAllocator.DEFAULT.directBuffer(16);
    in.writeCharSequence("abcdef", StandardCharsets.US_ASCII);
    decoder.reset(Framing.LENGTH, 4, 4);
    ByteBuf[] taken = new ByteBuf[1];
    decoder.decode(
        in,
        new BodyDecoder.Sink() {
          @Override
          public void onData(ByteBuf data) {
            taken[0] = data;
          }

          @Override
          public void onEnd(@Nullable ByteHeaders trailers) {}
        });
    in.release();
    assertThat(taken[0].toString(StandardCharsets.US_ASCII)).isEqualTo("abcd");
    taken[0].release();
    assertThat(in.refCnt()).isZero();
  }

  private interface Check {
    void check(String rest);
  }

  private void everySplit(String octets, Runnable reset, Check check) {
    for (int split = 0; split <= octets.length(); split++) {
      sink.clear();
      reset.run();
      check.check(feed(octets, split));
      assertThat(decoder.done()).isTrue();
    }
    sink.clear();
    reset.run();
    StringBuilder rest = new StringBuilder();
    for (int i = 0; i < octets.length(); i++) {
      rest.append(feed(octets.substring(i, i + 1), 0));
    }
    check.check(rest.toString());
  }

  /** Feeds two parts, the first of {@code split} octets; answers what was left of both. */
  private String feed(String octets, int split) {
    StringBuilder rest = new StringBuilder();
    for (String part : List.of(octets.substring(0, split), octets.substring(split))) {
      ByteBuf in = Unpooled.copiedBuffer(part, StandardCharsets.ISO_8859_1);
      try {
        decoder.decode(in, sink);
        rest.append(in.toString(StandardCharsets.ISO_8859_1));
      } finally {
        in.release();
      }
    }
    return rest.toString();
  }

  private static final class Collector implements BodyDecoder.Sink {

    private final StringBuilder data = new StringBuilder();
    String trailers = "";
    int ends;

    @Override
    public void onData(ByteBuf slice) {
      assertThat(slice.isReadable()).isTrue();
      data.append(slice.toString(StandardCharsets.ISO_8859_1));
      slice.release();
    }

    @Override
    public void onEnd(@Nullable ByteHeaders received) {
      ends++;
      trailers = received == null ? "" : received.toString();
      if (received != null && received.contains(HeaderName.of("x-sum"))) {
        assertThat(received.get("X-SUM")).isEqualTo("abc");
      }
    }

    String text() {
      return data.toString();
    }

    void clear() {
      data.setLength(0);
      trailers = "";
      ends = 0;
    }
  }
}
