package io.sluice.plugin.testkit;

import io.sluice.api.error.ErrorKind;
import io.sluice.api.http.Chunk;
import io.sluice.api.middleware.Attribute;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Flow;
import io.sluice.api.middleware.Middleware;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.middleware.ResponseWriter;
import io.sluice.api.middleware.Resumption;
import io.sluice.api.tls.ClientIdentity;
import io.sluice.api.upstream.Endpoint;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An exchange that a test plays. Prepare it, send it through an {@link ExchangeHarness}, then play
 * the upstream by {@link #answer}, {@link #fail} and {@link #attempt}, and look at what the client
 * gets. On its own it serves as a stand-in where a policy only looks at an exchange.
 *
 * <p>It ends like a real one: as soon as the response is out, every middleware that saw the request
 * gets {@code onComplete}.
 */
public final class FakeExchange implements Exchange {

  /** How far it got. */
  public enum State {
    /** Not sent yet. */
    NEW,
    /** A middleware is at work. */
    RUNNING,
    /** Waits for a resumption. */
    SUSPENDED,
    /** Passed every middleware; the upstream is to answer. */
    FORWARDED,
    /** Over. */
    ENDED
  }

  private final FakeRequest request;
  private final IdentityHashMap<Attribute<?>, Object> attributes = new IdentityHashMap<>();
  private final Map<String, String> variables = new HashMap<>();
  private final ExchangeRun run = new ExchangeRun(this);
  private List<byte[]> content = new ArrayList<>();
  private String clientIp = "203.0.113.7";
  private boolean peerIsTrusted;
  private String listener = "web";
  private @Nullable String route = "test-route";
  private @Nullable String upstream = "test-upstream";
  private @Nullable Endpoint endpoint;
  private @Nullable ClientIdentity clientIdentity;

  private FakeExchange(FakeRequest request) {
    this.request = request;
  }

  /** An exchange for a request, see {@link FakeRequest#of}; from 203.0.113.7, untrusted. */
  public static FakeExchange of(String head) {
    return new FakeExchange(FakeRequest.of(head));
  }

  /** An exchange for a request. */
  public static FakeExchange of(FakeRequest request) {
    return new FakeExchange(request);
  }

  /** Gives the request content, in UTF-8. */
  public FakeExchange content(String... chunks) {
    content = new ArrayList<>();
    for (String chunk : chunks) {
      content.add(chunk.getBytes(StandardCharsets.UTF_8));
    }
    return this;
  }

  /** Says where the client is. */
  public FakeExchange from(String ip) {
    clientIp = ip;
    return this;
  }

  /** Says whether the peer is a trusted proxy. */
  public FakeExchange trusted(boolean trusted) {
    peerIsTrusted = trusted;
    return this;
  }

  /** Says through what it goes; null where that is not known yet. */
  public FakeExchange through(String listenerName, @Nullable String routeName) {
    listener = listenerName;
    route = routeName;
    return this;
  }

  /** Says which upstream was chosen, or null. */
  public FakeExchange to(@Nullable String upstreamName) {
    upstream = upstreamName;
    return this;
  }

  /** Gives a variable a value. */
  public FakeExchange variable(String name, String value) {
    variables.put(name, value);
    return this;
  }

  /** Says which certificate the client showed. */
  public FakeExchange certificate(@Nullable X509Certificate certificate) {
    clientIdentity = certificate == null ? null : ClientIdentity.of(certificate);
    return this;
  }

  /** Says who the client is by its certificate. */
  public FakeExchange identity(@Nullable ClientIdentity identity) {
    clientIdentity = identity;
    return this;
  }

  void start(List<Middleware> chain) {
    run.start(chain, content);
  }

  /** How far it got. */
  public State state() {
    return run.state();
  }

  /**
   * Plays an attempt: shows its head to every middleware, as it goes to {@code to}.
   *
   * @return what the endpoint would get
   */
  public FakeRequest attempt(Endpoint to) {
    endpoint = to;
    FakeRequest head = request.copy();
    run.chain().forEach(middleware -> middleware.onAttempt(this, head, to));
    return head;
  }

  /** Plays a 1xx response; answers its head as the client gets it. */
  public FakeResponse inform(String head) {
    FakeResponse informational = FakeResponse.of(head);
    run.reversed().forEach(middleware -> middleware.onInformational(this, informational));
    return informational;
  }

  /** Plays the upstream's response, see {@link FakeResponse#of}, with content in chunks. */
  public FakeExchange answer(String head, String... chunks) {
    return answer(head, List.of(chunks), null);
  }

  /** Plays the upstream's response with a trailer section. */
  public FakeExchange answer(String head, List<String> chunks, @Nullable FakeHeaders trailers) {
    List<byte[]> octets =
        chunks.stream().map(chunk -> chunk.getBytes(StandardCharsets.UTF_8)).toList();
    run.answer(FakeResponse.of(head), octets, trailers);
    return this;
  }

  /** Lets the upstream or the proxy fail: the client gets the proxy's own error response. */
  public FakeExchange fail(ErrorKind kind) {
    run.fail(kind);
    return this;
  }

  /** Lets the client go away. */
  public FakeExchange cancel() {
    run.cancel();
    return this;
  }

  /** Lets the deadline of a suspension pass. */
  public FakeExchange timeOut() {
    run.timeOut();
    return this;
  }

  /** The deadline that the last suspension asked for, or null. */
  public @Nullable Duration suspendedFor() {
    return run.suspendedFor();
  }

  /** The request's content as the upstream gets it. */
  public String forwardedContent() {
    return new String(run.bodies().requestOutput(), StandardCharsets.UTF_8);
  }

  /** The response's content as the client gets it, in UTF-8. */
  public String body() {
    return new String(bodyBytes(), StandardCharsets.UTF_8);
  }

  /** The response's content as the client gets it. */
  public byte[] bodyBytes() {
    return run.bodies().responseOutput();
  }

  /** The response's trailer section as the client gets it, or null. */
  public io.sluice.api.http.@Nullable Headers trailers() {
    return run.trailers();
  }

  /** How it ended, or null before. */
  public @Nullable Outcome outcome() {
    return run.outcome();
  }

  @Override
  public String id() {
    return "00000000000000a1";
  }

  @Override
  public FakeRequest request() {
    return request;
  }

  @Override
  public FakeResponse response() {
    FakeResponse response = run.response();
    if (response == null) {
      throw new IllegalStateException("there is no response yet");
    }
    return response;
  }

  @Override
  public boolean hasResponse() {
    return run.response() != null;
  }

  @Override
  public SocketAddress client() {
    return new InetSocketAddress(clientIp, 50_000);
  }

  @Override
  public String clientIp() {
    return clientIp;
  }

  @Override
  public SocketAddress peer() {
    return peerIsTrusted ? new InetSocketAddress("10.0.0.254", 50_001) : client();
  }

  @Override
  public SocketAddress local() {
    return new InetSocketAddress("192.0.2.1", 80);
  }

  @Override
  public boolean peerIsTrusted() {
    return peerIsTrusted;
  }

  @Override
  public @Nullable X509Certificate clientCertificate() {
    return clientIdentity == null ? null : clientIdentity.certificate();
  }

  @Override
  public @Nullable ClientIdentity clientIdentity() {
    return clientIdentity;
  }

  @Override
  public String listener() {
    return listener;
  }

  @Override
  public @Nullable String route() {
    return route;
  }

  @Override
  public @Nullable String upstream() {
    return upstream;
  }

  @Override
  public @Nullable Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public @Nullable String variable(String name) {
    return switch (name) {
      case "host" -> request.host();
      case "method" -> request.method();
      case "path" -> request.path();
      case "scheme" -> request.scheme();
      case "client-ip" -> clientIp;
      case "exchange" -> id();
      default -> variables.get(name);
    };
  }

  @Override
  public long startNanos() {
    return 1_000_000_000L;
  }

  @Override
  public <T> @Nullable T get(Attribute<T> attribute) {
    Object value = attributes.get(attribute);
    return value == null ? null : attribute.type().cast(value);
  }

  @Override
  public <T> void set(Attribute<T> attribute, @Nullable T value) {
    if (value == null) {
      attributes.remove(attribute);
    } else {
      attributes.put(attribute, value);
    }
  }

  @Override
  public Resumption suspend(Duration deadline) {
    return run.suspend(deadline);
  }

  @Override
  public void bufferRequest(int maxBytes, Resumption resumption) {
    run.bufferRequest(maxBytes, resumption);
  }

  @Override
  public @Nullable Chunk bufferedRequest() {
    return run.buffered();
  }

  @Override
  public Flow respond(int status, Map<String, String> headers, byte[] body) {
    return run.respond(status, headers, body);
  }

  @Override
  public Flow respondStreaming(
      int status, Map<String, String> headers, Consumer<ResponseWriter> started) {
    return run.respondStreaming(status, headers, started);
  }
}
