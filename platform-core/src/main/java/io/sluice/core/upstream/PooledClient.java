package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.http.RequestHead;
import io.sluice.api.upstream.ClientRequest;
import io.sluice.api.upstream.ClientResponse;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.PickRequest;
import io.sluice.api.upstream.UpstreamClient;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.transport.Deadline;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.transport.LoopContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of plugins through an upstream. One attempt each, in memory; a policy that wants
 * another one sends again.
 */
public final class PooledClient implements UpstreamClient {

  private final EventLoops loops;
  private final Supplier<@Nullable Upstream> upstream;
  private final AtomicInteger turn = new AtomicInteger();

  /** A client of whatever upstream the supplier answers when a call is made. */
  public PooledClient(EventLoops loops, Supplier<@Nullable Upstream> upstream) {
    this.loops = loops;
    this.upstream = upstream;
  }

  @Override
  public CompletionStage<ClientResponse> send(ClientRequest request) {
    CompletableFuture<ClientResponse> answer = new CompletableFuture<>();
    LoopContext loop = loops.contexts().get(Math.floorMod(turn.getAndIncrement(), loops.size()));
    loop.loop().execute(() -> start(loop, request, answer));
    return answer;
  }

  private void start(
      LoopContext loop, ClientRequest request, CompletableFuture<ClientResponse> answer) {
    Upstream to = upstream.get();
    EndpointState endpoint;
    try {
      endpoint = to == null ? null : to.pick(Anyone.INSTANCE);
    } catch (ProxyError e) {
      answer.completeExceptionally(e);
      return;
    }
    if (to == null || endpoint == null) {
      answer.completeExceptionally(proxyError(ErrorKind.NO_ENDPOINT, true));
      return;
    }
    Call call = new Call(loop, to, endpoint, request, answer);
    ErrorKind refused = to.tryAttempt(endpoint, call, 0);
    if (refused == null) {
      call.start();
    } else {
      call.refused(refused);
    }
  }

  private static ProxyError proxyError(ErrorKind kind, boolean retrySafe) {
    return new ProxyError(kind, retrySafe, kind.label(), null);
  }

  private enum Anyone implements PickRequest {
    INSTANCE;

    @Override
    public @Nullable RequestHead request() {
      return null;
    }

    @Override
    public int earlierAttempts() {
      return 0;
    }

    @Override
    public boolean excluded(Endpoint endpoint) {
      return false;
    }

    @Override
    public String clientIp() {
      return "";
    }
  }

  private static final class Call extends AttemptResult
      implements ConnectionTaker, ResponseReceiver {
    private final LoopContext loop;
    private final Upstream upstream;
    private final EndpointState endpoint;
    private final ClientRequest request;
    private final CompletableFuture<ClientResponse> answer;
    private final Deadline deadline;
    private final ParsedResponse response = new ParsedResponse();
    private final ByteBuf body = EventLoops.allocator().heapBuffer(256);
    private @Nullable UpstreamStream connection;
    private boolean over;

    Call(
        LoopContext loop,
        Upstream upstream,
        EndpointState endpoint,
        ClientRequest request,
        CompletableFuture<ClientResponse> answer) {
      super(System.nanoTime());
      this.loop = loop;
      this.upstream = upstream;
      this.endpoint = endpoint;
      this.request = request;
      this.answer = answer;
      this.deadline = new Deadline(loop.deadlines(), () -> fail(ErrorKind.RESPONSE_TIMEOUT));
    }

    void start() {
      deadline.after(request.timeout().toNanos());
      upstream.pool(loop).acquire(endpoint, this, false);
    }

    /** Nothing was lent: lets go of what a call has from the beginning. */
    void refused(ErrorKind kind) {
      over = true;
      body.release();
      answer.completeExceptionally(proxyError(kind, true));
    }

    private void fail(ErrorKind kind) {
      if (over) {
        return;
      }
      UpstreamStream open = connection;
      finish(kind);
      if (open == null) {
        upstream.pool(loop).cancel(this);
      } else {
        open.abort();
      }
      answer.completeExceptionally(proxyError(kind, !requestSent()));
    }

    private void finish(@Nullable ErrorKind kind) {
      over = true;
      ended(kind, System.nanoTime());
      deadline.remove();
      connection = null;
      body.release();
      upstream.attemptEnded(endpoint, this);
    }

    @Override
    public boolean wanted() {
      return !over;
    }

    @Override
    public void onConnection(UpstreamStream ready) {
      connection = ready;
      ready.begin(this, response, request.method().equals("HEAD"));
      try {
        ready.call(request);
      } catch (IllegalArgumentException e) {
        fail(ErrorKind.INTERNAL_ERROR);
        return;
      }
      sent();
      ready.flush();
    }

    @Override
    public void onUnavailable(ErrorKind kind) {
      fail(kind);
    }

    @Override
    public void onInformational(ParsedResponse head) {
      // nobody waits for it
    }

    @Override
    public void onHead(ParsedResponse head) {
      headCame(head.status(), System.nanoTime());
    }

    @Override
    public void onData(ByteBuf data) {
      try {
        if (over) {
          return;
        }
        if (body.readableBytes() + data.readableBytes() > request.maxResponseBytes()) {
          fail(ErrorKind.RESPONSE_TOO_LARGE);
        } else {
          body.writeBytes(data);
        }
      } finally {
        data.release();
      }
    }

    @Override
    public void onEnd(@Nullable ByteHeaders trailers) {
      if (over) {
        return;
      }
      byte[] octets = new byte[body.readableBytes()];
      body.readBytes(octets);
      ClientResponse whole = RequestText.response(response, octets, trailers);
      finish(null);
      answer.complete(whole);
    }

    @Override
    public void onFailure(ErrorKind kind, Fate fate) {
      connection = null;
      fail(kind);
    }

    @Override
    public void onWritability(boolean writable) {
      // the whole request was written at once
    }

    @Override
    public void onReadComplete() {
      // nothing waits for a flush
    }
  }
}
