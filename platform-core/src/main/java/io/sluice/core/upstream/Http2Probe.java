package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.upstream.ClientRequest;
import io.sluice.api.upstream.ClientResponse;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.ParsedResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One probe over an HTTP/2 connection of its own, which ends with it. */
final class Http2Probe implements Http2Owner, ResponseReceiver {

  private final ClientRequest request;
  private final CompletableFuture<ClientResponse> answer;
  private final ParsedResponse response = new ParsedResponse();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  Http2Probe(ClientRequest request, CompletableFuture<ClientResponse> answer) {
    this.request = request;
    this.answer = answer;
  }

  @Override
  public void onReady(Http2EndpointConnection connection) {
    UpstreamStream stream = connection.open();
    stream.begin(this, response, request.method().equals("HEAD"));
    try {
      stream.call(request);
    } catch (IllegalArgumentException e) {
      stream.abort();
      answer.completeExceptionally(e);
      return;
    }
    stream.flush();
  }

  @Override
  public void onUnusable(Http2EndpointConnection connection, ErrorKind kind) {
    failed(
        kind == ErrorKind.BAD_RESPONSE
            ? "does not speak HTTP/2"
            : "closed before it spoke HTTP/2: " + kind.label());
  }

  @Override
  public void onRoom(Http2EndpointConnection connection) {
    if (connection.unused()) {
      connection.close();
    }
  }

  @Override
  public void onClosed(Http2EndpointConnection connection) {
    failed("closed before the response was whole");
  }

  private void failed(String why) {
    answer.completeExceptionally(new IOException(why));
  }

  @Override
  public void onInformational(ParsedResponse head) {
    // nobody waits for it
  }

  @Override
  public void onHead(ParsedResponse head) {
    // the whole is answered at the end
  }

  @Override
  public void onData(ByteBuf data) {
    try {
      int room = Math.min(data.readableBytes(), Prober.MAX_BYTES - body.size());
      data.readBytes(body, room);
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail so", e);
    } finally {
      data.release();
    }
  }

  @Override
  public void onEnd(@Nullable ByteHeaders trailers) {
    answer.complete(RequestText.response(response, body.toByteArray(), trailers));
  }

  @Override
  public void onFailure(ErrorKind kind, Fate fate) {
    failed(kind.label());
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
