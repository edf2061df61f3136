package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.http.HeaderName;
import io.sluice.api.middleware.ResponseWriter;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.upstream.ResponseReceiver.Fate;
import io.sluice.core.upstream.Sticky;
import io.sluice.core.upstream.UpstreamStream;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The way back: an endpoint's response head and content, by way of the response steps, to {@link
 * ResponseSender}. On the exchange's event loop.
 */
final class Responding {

  private static final HeaderName UPGRADE = HeaderName.of("Upgrade");
  private static final HeaderName SET_COOKIE = HeaderName.of("Set-Cookie");

  private static final Pattern COMMA = Pattern.compile(",");

  private final HttpExchange exchange;
  private final ResponseSender sender;
  private final Attempts attempts;

  private final Runnable lookAtClient = this::lookAtClient;
  private boolean lookDue;

  /** What the client had yet to take when the present wait for content began, or −1. */
  private long unsentBefore = -1;

  Responding(HttpExchange exchange) {
    this.exchange = exchange;
    this.sender = exchange.responseSender;
    this.attempts = exchange.attempts;
  }

  /** A 1xx other than 101 came. */
  void onInformational(Attempt attempt, ParsedResponse head) {
    if (attempt != attempts.current() || attempts.rival() != null) {
      return; // of two, nobody knows yet whose response will follow
    }
    try {
      exchange.sideSteps.informational(head);
    } catch (ProxyError e) {
      exchange.fail(e);
    }
  }

  /** A final response head came, or 101. */
  void onHead(Attempt attempt, ParsedResponse head) {
    if (!attempts.has(attempt)) {
      return;
    }
    exchange.stepDeadline.clear();
    if (head.status() == 101 ? !switchesAsAsked(head) : wouldOpenATunnel(head)) {
      attempt.fail(ErrorKind.BAD_RESPONSE);
      exchange.forwarding.onAttemptFailed(attempt, ErrorKind.BAD_RESPONSE, Fate.UNKNOWN);
      return;
    }
    if (attempts.retriesResponse(attempt, head)) {
      return;
    }
    attempts.decided(attempt);
    exchange.requestSender.body().settle();
    exchange.answered(attempt.endpoint());
    stick(attempt, head);
    if (head.status() == 426) {
      offerUpgrades(head);
    }
    switch (head.framing()) {
      case NONE -> sender.source(Downstream.Content.NONE, 0);
      case LENGTH -> sender.source(Downstream.Content.DELIMITED, head.contentLength());
      case CHUNKED, UNTIL_CLOSE -> sender.source(Downstream.Content.OPEN, head.contentLength());
    }
    startSteps();
    UpstreamStream connection = attempt.connection();
    if (exchange.phase() == Phase.RESPONSE && connection != null) {
      connection.pause();
    }
  }

  /** Whether a 101 changes to the protocol that was asked for, and no other (RFC 9110 §7.8). */
  private boolean switchesAsAsked(ParsedResponse head) {
    String asked = exchange.upgradeAsked();
    List<String> to = head.headers().all(UPGRADE);
    return asked != null && to.size() == 1 && asked.equalsIgnoreCase(to.get(0));
  }

  /** Of what a 426 asks for (RFC 9110 §15.5.22), the client is told what its listener lets pass. */
  private void offerUpgrades(ParsedResponse head) {
    StringJoiner offered = new StringJoiner(", ");
    for (String line : head.headers().all(UPGRADE)) {
      for (String protocol : COMMA.split(line)) {
        if (exchange.downstream().allowsUpgrade(protocol.trim().toLowerCase(Locale.ROOT))) {
          offered.add(protocol.trim());
        }
      }
    }
    if (offered.length() > 0) {
      head.headers().set(UPGRADE, offered.toString());
    } else {
      head.headers().remove(UPGRADE);
    }
  }

  /** An extended CONNECT takes any 2xx to open what an endpoint opens by 101 only (RFC 8441 §5). */
  private boolean wouldOpenATunnel(ParsedResponse head) {
    return exchange.request().extendedConnect() && head.status() / 100 == 2;
  }

  /** Has the client come back to this endpoint, unless it would anyway. */
  private void stick(Attempt attempt, ParsedResponse head) {
    Sticky sticky = attempt.upstream().sticky();
    if (sticky != null) {
      String cookie = sticky.cookieFor(exchange.request(), attempt.endpoint());
      if (cookie != null) {
        head.headers().add(SET_COOKIE, cookie);
      }
    }
  }

  /** Content came; takes it over. */
  void onData(Attempt attempt, ByteBuf data) {
    if (attempt != attempts.current() || exchange.phase() == Phase.ENDED) {
      data.release();
      return;
    }
    sender.received(data);
    UpstreamStream connection = attempts.connection();
    if (connection != null && !exchange.downstream().writable()) {
      connection.pause();
    }
  }

  /** That was all of it. */
  void onEnd(Attempt attempt, @Nullable ByteHeaders trailers) {
    if (attempt != attempts.current() || exchange.phase() == Phase.ENDED) {
      return;
    }
    if (exchange.phase() == Phase.TUNNEL) {
      exchange.tunnel.outputEnded();
      return;
    }
    sender.receivedEnd(trailers);
    if (exchange.phase() == Phase.STREAMING) {
      // A transform still writes, and the connection is not ours any more.
      exchange.downstream().flush();
    }
  }

  /** A burst of reads from the endpoint is over. */
  void onReadComplete() {
    if (exchange.phase() == Phase.STREAMING) {
      expectContent();
    } else if (exchange.phase() == Phase.TUNNEL) {
      exchange.tunnel.moved();
    }
    if (sender.headSent()) {
      exchange.downstream().flush();
    }
    if (exchange.phase() == Phase.STREAMING) {
      beginWait();
    }
    exchange.forgetClock();
  }

  /** Where the client is what everything waits for, looks at it once what was written has left. */
  private void beginWait() {
    unsentBefore = -1;
    if (!lookDue && !exchange.downstream().writable()) {
      lookDue = true;
      exchange.downstream().loop().loop().execute(lookAtClient);
    }
  }

  private void lookAtClient() {
    lookDue = false;
    if (exchange.phase() == Phase.STREAMING && !exchange.downstream().writable()) {
      unsentBefore = exchange.downstream().unsentBytes();
    }
  }

  /** The response exists: the middleware that saw the request sees it too. */
  void startSteps() {
    exchange.enter(Phase.RESPONSE);
    exchange.responseExists();
    exchange.chain.startResponse();
  }

  /** Every response step let it pass: sends the head, and what content is there. */
  void send() {
    ParsedResponse head = exchange.responseHead();
    if (head.status() == 101) {
      exchange.enter(Phase.TUNNEL);
      exchange.tunnel.start(head);
      return;
    }
    if (wouldOpenATunnel(head) && exchange.failure() == null) {
      exchange.fail(ErrorKind.BAD_RESPONSE, null); // an answer of our own, or a step made it that
      return;
    }
    exchange.enter(Phase.STREAMING);
    RoutePlan plan = exchange.planOrNull();
    if (plan != null && exchange.sampled()) {
      plan.meters().responseProcessing().record(System.nanoTime() - exchange.now());
    }
    Consumer<ResponseWriter> streaming = exchange.answer.takeStreaming();
    long before = exchange.stamp();
    try {
      sender.sendHead(head);
    } catch (ProxyError e) {
      exchange.fail(e);
      return;
    }
    if (exchange.stamp() != before || !exchange.active()) {
      return;
    }
    UpstreamStream connection = attempts.connection();
    if (connection != null && exchange.downstream().writable()) {
      connection.resume();
    }
    if (streaming != null) {
      exchange.answer.startWriter(streaming);
    }
  }

  /** A suspension is over; where it held content of an endpoint back, more is expected now. */
  void expectMore() {
    if (exchange.phase() == Phase.STREAMING && attempts.connection() != null) {
      expectContent();
    }
  }

  private void expectContent() {
    exchange.stepDeadline.after(exchange.plan().idleNanos());
  }

  /** Nothing came from the endpoint: its fault, unless the client is what everything waits for. */
  void timeUp() {
    long unsent = exchange.downstream().unsentBytes();
    if (!exchange.downstream().writable() && unsent != unsentBefore) {
      unsentBefore = unsent;
      expectContent();
    } else if (exchange.downstream().writable()) {
      attempts.failCurrent(ErrorKind.RESPONSE_BROKEN);
      exchange.fail(ErrorKind.RESPONSE_BROKEN, null);
    } else {
      exchange.fail(ErrorKind.CLIENT_CLOSED, null);
    }
  }
}
