package io.sluice.core.boot;

import io.sluice.core.observe.MetricNames;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.upstream.Upstream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** An upstream that speaks HTTP/2, a client of HTTP/1.1 before it, and the peer behind it. */
abstract class Http2UpstreamFixture {

  @TempDir Path home;
  Http2Peer peer;
  Running running;
  final List<Caller> callers = new ArrayList<>();

  void start(Http2Peer endpoint, String settings) {
    peer = endpoint;
    start(settings, endpoint.address());
  }

  void start(String settings, String... addresses) {
    running =
        Running.start(
            home,
            "runtime.event-loops = 1\n"
                + Running.COMMON
                + "upstreams.app {\nprotocol = http2\nendpoints = [\""
                + String.join("\",\"", addresses)
                + "\"]\n"
                + settings
                + "\n}\nroutes = [ { upstream = app } ]\n");
  }

  @AfterEach
  void stop() throws IOException {
    for (Caller caller : callers) {
      caller.close();
    }
    running.close();
    if (peer != null) {
      peer.close();
    }
  }

  Upstream app() {
    return running.platform.loaded().upstream("app");
  }

  LoopContext loop() {
    return running.platform.loops().contexts().get(0);
  }

  double attempts(String outcome) throws IOException {
    return running.sum(
        MetricNames.ATTEMPTS
            + "{endpoint=\"%s\",outcome=\"%s\"".formatted(peer.address(), outcome));
  }

  Caller caller() throws IOException {
    Caller caller = running.caller();
    callers.add(caller);
    return caller;
  }

  List<Caller> asking(int count) throws IOException {
    List<Caller> asking = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Caller caller = caller();
      caller.send(Caller.request("GET", "/" + i, ""));
      asking.add(caller);
    }
    return asking;
  }
}
