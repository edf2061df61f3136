package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.Framing;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.RequestWriter;
import io.sluice.core.route.Rewrite;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.Sticky;
import io.sluice.core.upstream.UpstreamStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends the request of one exchange over the connection of its attempt: head, then content as it
 * comes and as the socket takes it. On the exchange's event loop.
 */
final class RequestSender implements BodyConsumer {

  /** Content up to this size goes out in the buffer of the head. */
  private static final int SMALL = 4096;

  private final HttpExchange exchange;
  private final RequestBody body = new RequestBody();
  private final RequestWriter writer = new RequestWriter();
  private @Nullable ParsedRequest attemptHead;
  private @Nullable Attempt target;
  private @Nullable BodyPipeline pipeline;
  private boolean pipelineAsked;
  private boolean finished;
  private boolean continueAnswered;
  private boolean starved;
  private long declared = -1;
  private long produced;
  private String transformedBy = "";

  RequestSender(HttpExchange exchange) {
    this.exchange = exchange;
  }

  RequestBody body() {
    return body;
  }

  void begin(ParsedRequest request) {
    body.begin(request.framing() != Framing.NONE, 0);
    pipeline = null;
    pipelineAsked = false;
    finished = false;
    continueAnswered = false;
    starved = false;
    declared = -1;
    produced = 0;
  }

  /** Whether all of the request went out on the present attempt. */
  boolean finished() {
    return finished;
  }

  /** Content from the client; takes it over. */
  void received(ByteBuf data) {
    body.count(data.readableBytes());
    if (pipeline != null) {
      pipeline.data(data);
    } else {
      body.add(data);
    }
  }

  /** The client's content is whole. */
  void receivedEnd(@Nullable ByteHeaders trailers) {
    if (pipeline != null) {
      pipeline.end(trailers);
    } else {
      body.end(trailers);
    }
  }

  @Override
  public void data(ByteBuf data) {
    produced += data.readableBytes();
    if (declared >= 0 && produced > declared) {
      data.release();
      wrongLength("more");
      return;
    }
    body.add(data);
    exchange.forwarding.pump();
  }

  @Override
  public void end(@Nullable ByteHeaders trailers) {
    if (declared >= 0 && produced < declared) {
      wrongLength("less");
      return;
    }
    body.end(trailers);
    exchange.forwarding.pump();
  }

  @Override
  public void fail(String plugin, Throwable cause) {
    exchange.transformFailed(plugin, cause);
  }

  private void wrongLength(String which) {
    fail(
        transformedBy,
        new IllegalStateException(which + " content than the declared " + declared + " octets"));
  }

  @Override
  public boolean ready() {
    boolean room = body.hasRoom();
    starved |= !room;
    return room;
  }

  /**
   * Whether all that came of the content went out and the client owes the rest: a silence is then
   * not the endpoint's. A client that waits for 100 (Continue) owes nothing yet.
   */
  boolean waitsForClient() {
    UpstreamStream to = exchange.attempts.connection();
    return to != null
        && to.writable()
        && !body.complete()
        && body.isEmpty()
        && (body.received() > 0 || !exchange.request().expectsContinue());
  }

  /** Puts the transforms that middleware wants in front of the content. Once an exchange. */
  void askTransforms(ParsedRequest request) {
    if (pipelineAsked || request.framing() == Framing.NONE) {
      return;
    }
    pipelineAsked = true;
    List<BodyPipeline.Named> transforms = exchange.sideSteps.requestTransforms();
    if (transforms.isEmpty()) {
      return;
    }
    BodyPipeline made = new BodyPipeline(transforms, this);
    pipeline = made;
    BodyPipeline.Named last = transforms.get(transforms.size() - 1);
    transformedBy = last.plugin();
    declared = exchange.sideSteps.contentLength(last);
    List<ByteBuf> waiting = body.drain();
    boolean whole = body.complete();
    ByteHeaders trailers = body.trailers();
    body.reopen();
    waiting.forEach(made::data);
    if (whole) {
      made.end(trailers);
    }
  }

  /** Answers Expect here, because a policy reads the content first. */
  void answerContinue() {
    if (!continueAnswered && exchange.request().expectsContinue() && !body.complete()) {
      continueAnswered = true;
      exchange.downstream().writeContinue();
    }
  }

  /** Sends the head, and what content there is, on a fresh attempt. */
  void send(Attempt attempt, UpstreamStream connection, RoutePlan plan) {
    ParsedRequest head = exchange.request();
    EndpointState endpoint = attempt.endpoint();
    Sticky sticky = attempt.upstream().sticky();
    target = attempt;
    Rewrite rewrite = plan.route().rewrite();
    String path = rewrite.path(head, endpoint.basePath());
    writer.reset(head.framing()).withoutCookie(sticky == null ? null : sticky.cookie());
    if (!path.equals(head.path())) {
      writer.target(head.query() == null ? path : path + '?' + head.query());
    }
    switch (rewrite.host()) {
      case KEEP -> {
        if (head.authority().isEmpty()) {
          writer.host(endpoint.authority());
        }
      }
      case UPSTREAM -> writer.host(endpoint.authority());
      case LITERAL -> writer.host(rewrite.hostText());
    }
    DeadlineField deadline = DeadlineField.of(plan, head);
    if (deadline != null || plan.seesAttempts(exchange.downstream().listenerIndex())) {
      head = attemptHead(head);
      if (deadline != null) {
        deadline.write(head.headers(), exchange.forwarding.leftNanos());
      }
      exchange.sideSteps.attempt(head, endpoint);
    }
    if (pipeline != null && declared >= 0) {
      writer.length(declared);
    } else if (pipeline != null) {
      writer.rechunk();
    }
    if (continueAnswered) {
      writer.withoutExpect();
    }
    if (exchange.upgradeAsked() != null) {
      writer.upgrade(exchange.upgradeAsked());
    }
    ByteBuf small = body.takeSmall(SMALL);
    finished = body.complete() && body.isEmpty() && body.trailers() == null;
    connection.head(writer, head, exchange.downstream().forwarded(), small, finished);
    if (finished) {
      exchange.forwarding.requestSent(attempt);
    } else {
      pump(connection);
    }
    demand();
    connection.flush();
  }

  private ParsedRequest attemptHead(ParsedRequest head) {
    ParsedRequest copy = attemptHead == null ? new ParsedRequest() : attemptHead;
    attemptHead = copy;
    copy.copyFrom(head);
    return copy;
  }

  /** Sends content for as long as there is some and the socket takes it. */
  void pump(UpstreamStream connection) {
    boolean moved = false;
    while (connection.writable() && !finished) {
      ByteBuf next = body.take();
      if (next == null) {
        break;
      }
      moved = true;
      if (next.isReadable()) {
        connection.data(next);
      } else {
        next.release();
      }
    }
    if (!finished && body.complete() && body.isEmpty()) {
      finished = true;
      connection.end(body.trailers());
      if (target != null) {
        exchange.forwarding.requestSent(target);
      }
    } else if (moved) {
      exchange.forwarding.contentMoved();
    }
  }

  /** There is room again behind the transforms. */
  void demand() {
    if (pipeline != null && starved && body.hasRoom()) {
      starved = false;
      pipeline.demand();
    }
  }

  /** Lets go of everything. */
  void release() {
    target = null;
    if (pipeline != null) {
      pipeline.abort();
      pipeline = null;
    }
    body.release();
  }
}
