package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.sluice.core.upstream.Upstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Endpoints that break the rules of HTTP/2, or keep them to excess, and one that does neither. */
class Http2HostileEndpointTest {

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int PRIORITY = 2;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PUSH_PROMISE = 5;
  private static final int PING = 6;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;

  /** A head: {@code :status 200} from the static table (RFC 7541 appendix A). */
  private static final int OK = 0x88;

  private static final int FLOOD = 3000;

  @TempDir Path home;
  private final Http2Peer hostile = Http2Peer.of(call -> {});
  private final Http2Peer honest = Http2Peer.saying("honest");
  private final List<Caller> callers = new ArrayList<>();
  private Running running;

  private void start(String settings) {
    running =
        Running.start(
            home,
            "runtime.event-loops = 1\n"
                + Running.COMMON
                + "upstreams.honest { protocol = http2, endpoints = [\""
                + honest.address()
                + "\"] }\nupstreams.hostile { protocol = http2, retry = off, endpoints = [\""
                + hostile.address()
                + "\"]\n"
                + settings
                + "\n}\nroutes = [ { match.path = \"/honest\", upstream = honest }, "
                + "{ upstream = hostile } ]\n");
  }

  @AfterEach
  void stop() throws IOException {
    for (Caller caller : callers) {
      caller.close();
    }
    running.close();
    hostile.close();
    honest.close();
  }

  private Upstream app() {
    return running.platform.loaded().upstream("hostile");
  }

  private Caller caller() throws IOException {
    Caller caller = running.caller();
    callers.add(caller);
    return caller;
  }

  /** Two requests that the hostile endpoint has, on one connection. */
  private List<Caller> victims() throws IOException {
    List<Caller> victims = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Caller victim = caller();
      victim.send(Caller.request("GET", "/" + i, ""));
      victims.add(victim);
      int count = i + 1;
      await().until(() -> hostile.calls.size() == count);
    }
    assertThat(hostile.connections).hasSize(1);
    return victims;
  }

  private int stream() {
    return hostile.calls.get(0).stream.id();
  }

  private static byte[] frame(int type, int flags, int stream, int... payload) {
    ByteBuf octets = Unpooled.buffer();
    for (int octet : payload) {
      octets.writeByte(octet);
    }
    return Http2Peer.frame(type, flags, stream, octets);
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return Http2Peer.frame(type, flags, stream, Unpooled.wrappedBuffer(payload));
  }

  private static byte[] times(int count, byte[] frame) {
    return join(new byte[0], count, frame);
  }

  private static byte[] join(byte[] first, int count, byte[] frame) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(first);
    for (int i = 0; i < count; i++) {
      all.writeBytes(frame);
    }
    return all.toByteArray();
  }

  /** What ends the connection. The number is that of the first stream. */
  @SuppressWarnings("ImmutableEnumChecker") // functions of a number
  private enum Attack {
    PINGS(stream -> times(FLOOD, frame(PING, 0, 0, new byte[8]))),
    ANSWERS_TO_NO_PING(stream -> times(FLOOD, frame(PING, ACK, 0, new byte[8]))),
    SETTINGS_AGAIN(stream -> times(FLOOD, frame(SETTINGS, 0, 0))),
    ANSWERS_TO_NO_SETTINGS(stream -> times(FLOOD, frame(SETTINGS, ACK, 0))),
    PRIORITIES(stream -> times(FLOOD, frame(PRIORITY, 0, stream, 0, 0, 0, 0, 1))),
    WINDOW_UPDATES(stream -> times(FLOOD, frame(WINDOW_UPDATE, 0, 0, 0, 0, 0, 1))),
    UNKNOWN_FRAMES(stream -> times(FLOOD, frame(99, 0, 0))),
    RESETS_OF_CLOSED_STREAMS(stream -> times(FLOOD, frame(RST_STREAM, 0, stream, 0, 0, 0, 8))),
    EMPTY_CONTENT(
        stream -> join(frame(HEADERS, END_HEADERS, stream, OK), FLOOD, frame(DATA, 0, stream))),
    PADDING_WITHOUT_CONTENT(
        stream ->
            join(frame(HEADERS, END_HEADERS, stream, OK), FLOOD, frame(DATA, 8, stream, 2, 0, 0))),
    EMPTY_CONTINUATIONS(
        stream -> join(frame(HEADERS, 0, stream, OK), FLOOD, frame(CONTINUATION, 0, stream))),
    SMALL_CONTINUATIONS(
        stream ->
            join(
                frame(HEADERS, 0, stream, OK), FLOOD, frame(CONTINUATION, 0, stream, 0, 1, 97, 0))),
    HEAD_WITHOUT_END(
        stream ->
            join(
                frame(HEADERS, 0, stream, OK),
                100,
                frame(CONTINUATION, 0, stream, new byte[16_384]))),
    CONTENT_OF_THE_CONNECTION(stream -> frame(DATA, 0, 0, 1)),
    STREAM_OF_THEIR_OWN(stream -> frame(HEADERS, END_HEADERS, 2, OK)),
    PUSH(stream -> frame(PUSH_PROMISE, END_HEADERS, stream, 0, 0, 0, 2, 0x82, 0x86, 0x84)),
    RESET_OF_AN_IDLE_STREAM(stream -> frame(RST_STREAM, 0, stream + 100, 0, 0, 0, 8)),
    CONNECTION_WINDOW_OVERFLOW(stream -> frame(WINDOW_UPDATE, 0, 0, 0x7f, 0xff, 0xff, 0xff)),
    WINDOW_SETTING_OVERFLOW(stream -> frame(SETTINGS, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff)),
    FRAME_SIZE_SETTING(stream -> frame(SETTINGS, 0, 0, 0, 5, 0, 0, 0, 1)),
    FRAME_TOO_LARGE(stream -> frame(HEADERS, END_HEADERS, stream, new byte[16_385])),
    NO_HPACK(stream -> frame(HEADERS, END_HEADERS, stream, 0x80)),
    ANOTHER_FRAME_WITHIN_A_HEAD(
        stream -> join(frame(HEADERS, 0, stream, OK), 1, frame(PING, 0, 0, new byte[8]))),
    NO_FRAMES_AT_ALL(stream -> "HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

    private final IntFunction<byte[]> octets;

    Attack(IntFunction<byte[]> octets) {
      this.octets = octets;
    }
  }

  @ParameterizedTest
  @EnumSource(Attack.class)
  void attacksEndTheConnectionAndItsRequestsAndNothingElse(Attack attack) throws Exception {
    start("");
    List<Caller> victims = victims();
    Http2Peer.Connection connection = hostile.connections.get(0);
    connection.raw(attack.octets.apply(stream()));
    await().until(() -> !connection.channel.isActive());
    for (Caller victim : victims) {
      Caller.Response failed = victim.receive(false);
      assertThat(failed.status()).isEqualTo(502);
      if (attack != Attack.RESETS_OF_CLOSED_STREAMS || victim != victims.get(0)) {
        assertThat(failed.headers().get("proxy-status")).contains("http_protocol_error");
      }
    }
    await().until(() -> app().connections() == 0 && app().inFlight() == 0);
    assertThat(caller().get("/honest").body()).isEqualTo("honest");
    hostile.script = call -> call.answer(200, "reformed");
    assertThat(caller().get("/").body()).isEqualTo("reformed");
    assertThat(honest.connections).hasSize(1);
  }

  private static String readToEnd(Caller caller) {
    StringBuilder all = new StringBuilder();
    try {
      byte[] some = new byte[64 * 1024];
      for (int got = caller.in.read(some); got >= 0; got = caller.in.read(some)) {
        all.append(new String(some, 0, Math.min(got, 200), StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      all.append("<reset>");
    }
    return all.toString();
  }

  // ---- what concerns one stream ----

  /** What ends the first stream, and the error that its client sees. */
  @SuppressWarnings("ImmutableEnumChecker") // functions of a number
  private enum Offence {
    HPACK_BOMB("http_response_header_section_size", stream -> bomb(stream)),
    STREAM_WINDOW_OVERFLOW(
        "http_protocol_error", stream -> frame(WINDOW_UPDATE, 0, stream, 0x7f, 0xff, 0xff, 0xff)),
    NO_WINDOW_UPDATE("http_protocol_error", stream -> frame(WINDOW_UPDATE, 0, stream, 0, 0, 0, 0)),
    CONTENT_BEFORE_THE_HEAD("http_protocol_error", stream -> frame(DATA, 0, stream, 1, 2, 3)),
    HEAD_WITHOUT_STATUS(
        "http_protocol_error", stream -> frame(HEADERS, END_HEADERS, stream, 0, 1, 'a', 1, 'b')),
    STATUS_TWICE("http_protocol_error", stream -> frame(HEADERS, END_HEADERS, stream, OK, OK)),
    REQUEST_FIELD("http_protocol_error", stream -> frame(HEADERS, END_HEADERS, stream, OK, 0x84)),
    NO_END_OF_INFORMATIONAL_HEADS(
        "http_protocol_error",
        stream -> times(101, frame(HEADERS, END_HEADERS, stream, 0x08, 3, '1', '0', '3'))),
    RESET("connection_terminated", stream -> frame(RST_STREAM, 0, stream, 0, 0, 0, 2));

    private final String error;
    private final IntFunction<byte[]> octets;

    Offence(String error, IntFunction<byte[]> octets) {
      this.error = error;
      this.octets = octets;
    }

    /** A field of 3,900 octets goes into the dynamic table, and comes 12,000 times from there. */
    private static byte[] bomb(int stream) {
      ByteBuf head = Unpooled.buffer().writeByte(OK).writeByte(0x40).writeByte(1).writeByte('a');
      head.writeByte(0x7f).writeByte(0xbd).writeByte(0x1d); // 127 + 61 + 29 * 128 = 3900
      head.writeBytes("b".repeat(3900).getBytes(StandardCharsets.US_ASCII));
      byte[] again = new byte[12_000];
      Arrays.fill(again, (byte) 0xbe);
      return frame(HEADERS, END_HEADERS, stream, ByteBufUtil.getBytes(head.writeBytes(again)));
    }
  }

  @ParameterizedTest
  @EnumSource(Offence.class)
  void offencesOfOneStreamFailItAlone(Offence offence) throws Exception {
    start("");
    List<Caller> victims = victims();
    hostile.connections.get(0).raw(offence.octets.apply(stream()));
    Caller.Response failed = victims.get(0).receive(false);
    assertThat(failed.status()).isEqualTo(502);
    assertThat(failed.headers().get("proxy-status")).contains(offence.error);
    hostile.calls.get(1).answer(200, "not concerned");
    assertThat(victims.get(1).receive(false).body()).isEqualTo("not concerned");
    hostile.script = call -> call.answer(200, "same connection");
    assertThat(caller().get("/").body()).isEqualTo("same connection");
    assertThat(hostile.connections).hasSize(1);
    assertThat(running.sum("sluice_buffer_bytes")).isLessThan(64 * 1024 * 1024);
  }

  @Test
  void contentBeyondTheWindowEndsItsStreamAndIsNotHeld() throws Exception {
    start("limits.stream-window = 64K");
    Caller slow = new Caller(running.port(), 4096);
    callers.add(slow);
    slow.send(Caller.request("GET", "/", ""));
    await().until(() -> hostile.calls.size() == 1);
    Http2Peer.Connection connection = hostile.connections.get(0);
    connection.raw(frame(HEADERS, END_HEADERS, stream(), OK));
    connection.raw(times(4096, frame(DATA, 0, stream(), new byte[16_384])));
    await().until(() -> hostile.calls.get(0).resetBy == Http2Error.FLOW_CONTROL_ERROR.code());
    assertThat(running.sum("sluice_buffer_bytes")).isLessThan(64 * 1024 * 1024);
    assertThat(readToEnd(slow)).startsWith("HTTP/1.1 200 ").doesNotEndWith("0\r\n\r\n");
    assertThat(caller().get("/honest").body()).isEqualTo("honest");
    await().until(() -> app().inFlight() == 0);
  }

  @Test
  void aHeadThatNeverBecomesWholeEndsTheConnectionInTime() throws Exception {
    start("timeouts.ping-timeout = 300ms");
    List<Caller> victims = victims();
    Http2Peer.Connection connection = hostile.connections.get(0);
    connection.raw(frame(HEADERS, 0, stream(), OK)); // nothing else can come until it is whole
    for (Caller victim : victims) {
      assertThat(victim.receive(false).status()).isEqualTo(502);
    }
    await().until(() -> app().connections() == 0);
    hostile.script = call -> call.answer(200, "reformed");
    assertThat(caller().get("/").body()).isEqualTo("reformed");
  }

  @Test
  void aHeadInSlowPiecesThatBecomesWholeIsServed() throws Exception {
    start("timeouts.ping-timeout = 20s");
    Caller victim = victims().get(0);
    byte[] head = frame(HEADERS, END_HEADERS, stream(), OK);
    for (byte octet : head) {
      hostile.connections.get(0).raw(new byte[] {octet});
    }
    hostile.connections.get(0).raw(frame(DATA, 1, stream(), 'o', 'k'));
    assertThat(victim.receive(false).body()).isEqualTo("ok");
  }
}
