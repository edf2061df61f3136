package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be said of HTTP/2, towards clients and endpoints, and where each mistake is. */
class Http2ConfigTest {

  @TempDir Path home;

  private List<String> check(String listener, String upstream) throws Exception {
    return Running.problems(
        home,
        """
        listeners.web { bind = "127.0.0.1:0", %s }
        upstreams.app { endpoints = ["127.0.0.1:1"], %s }
        routes = [ { upstream = app } ]
        access-log = off, admin.bind = "127.0.0.1:0"
        """
            .formatted(listener, upstream));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http2 = on",
        "http2 = off",
        "http2 = only",
        "limits { max-streams = 1, stream-window = 65535B, connection-window = 64K }",
        "limits { max-streams = 250, stream-window = 16M, connection-window = 1G }",
        "http2 = on, upgrades = [websocket]"
      })
  void takesWhatListenersSay(String listener) throws Exception {
    assertThat(check(listener, "")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "protocol = http1",
        "protocol = http2",
        "protocol = auto, tls {}",
        "protocol = http2, limits { max-streams = 1, stream-window = 65535B, connection-window = 1G }",
        "protocol = http2, limits.max-streams = unlimited",
        "protocol = http2, timeouts { ping-interval = 1ms, ping-timeout = 1h }",
        "protocol = http2, timeouts.ping-interval = off",
      })
  void takesWhatUpstreamsSay(String upstream) throws Exception {
    assertThat(check("", upstream)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http2 = yes | http2: unknown choice \"yes\" (expected: one of on, off, only)",
        "http2 = h2c | http2: unknown choice \"h2c\" (expected: one of on, off, only)",
        "limits.max-streams = 0 | limits.max-streams: \"0\" is out of range (expected: a whole"
            + " number from 1 to 10000)",
        "limits.max-streams = many | limits.max-streams: \"many\" is not a whole number"
            + " (expected: a whole number from 1 to 10000)",
        "limits.stream-window = 65534B | limits.stream-window: \"65534B\" is not accepted"
            + " (expected: 64K to 1G)",
        "limits.stream-window = 65536 | limits.stream-window: \"65536\" has no unit (expected:"
            + " 65536B, 65536K or 65536M)",
        "limits.connection-window = 4G | limits.connection-window: \"4G\" is not accepted"
            + " (expected: 64K to 1G)",
        "limits.max-stream = 5 | limits.max-stream: unknown key (did you mean \"max-streams\"?)",
        "upgrades = [h2c] | upgrades: the value is not accepted (expected: no h2c)",
      })
  void saysWhereListenersAreMistaken(String listener, String problem) throws Exception {
    assertThat(check(listener, "")).containsExactly("sluice.conf:1: listeners.web." + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "protocol = h2 | protocol: \"h2\" is unknown (expected: http1, http2, auto or tcp)",
        "limits.max-streams = 0 | limits.max-streams: \"0\" is out of range (expected: a whole"
            + " number of at least 1, or unlimited)",
        "limits.stream-window = 1K | limits.stream-window: \"1K\" is not accepted (expected: 64K"
            + " to 1G)",
        "limits.connection-window = 2G | limits.connection-window: \"2G\" is not accepted"
            + " (expected: 64K to 1G)",
        "timeouts.ping-interval = 0 | timeouts.ping-interval: \"0\" is not accepted (expected:"
            + " more than 0, or off)",
        "timeouts.ping-interval = 5 | timeouts.ping-interval: \"5\" has no unit (expected: 5s or"
            + " 5ms, or off)",
        "timeouts.ping-timeout = 0s | timeouts.ping-timeout: \"0s\" is not accepted (expected:"
            + " more than 0)",
        "timeouts.ping-timeout = off | timeouts.ping-timeout: \"off\" is not accepted (expected:"
            + " more than 0)",
        "timeouts.ping = 5s | timeouts.ping: unknown key (did you mean \"ping-timeout\"?)",
      })
  void saysWhereUpstreamsAreMistaken(String upstream, String problem) throws Exception {
    assertThat(check("", upstream)).containsExactly("sluice.conf:2: upstreams.app." + problem);
  }
}
