package io.sluice.core.exchange;

import io.netty.buffer.ByteBuf;
import io.sluice.api.http.Chunk;
import io.sluice.api.http.HeaderName;
import io.sluice.api.middleware.Attribute;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.tls.ClientIdentity;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.PickRequest;
import io.sluice.core.http.Framing;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.route.MatchInput;
import io.sluice.core.transport.LoopContext;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.Upstream;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an exchange, as plugins, balancers and routes see it. {@link HttpExchange} is
 * what happens to it. On the exchange's event loop.
 */
abstract class ExchangeView implements Exchange, PickRequest {

  static final HeaderName ACCEPT = HeaderName.of("Accept");

  private static final Object[] NO_ATTRIBUTES = {};
  private static final AtomicLong IDS = new AtomicLong(ThreadLocalRandom.current().nextLong());

  /** An odd number near 2⁶⁴ ÷ φ: consecutive ids differ in most digits (Knuth, TAOCP 6.4). */
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  final Downstream downstream;
  private ParsedResponse response = new ParsedResponse();
  private @Nullable ParsedResponse spare;
  private final ClientAddress client = new ClientAddress();
  private final MatchInput matchInput = new RouteInput();

  private ParsedRequest request = new ParsedRequest();
  private @Nullable Generation generation;
  private @Nullable RoutePlan plan;
  private int upstreamIndex;
  private @Nullable Upstream upstream;
  private @Nullable EndpointState endpoint;
  private @Nullable String upgradeAsked;
  private boolean responded;
  private Object[] attributes = NO_ATTRIBUTES;
  private @Nullable String id;
  private long startNanos;
  private long clock;
  private boolean clockFresh;
  private long stamp;

  ExchangeView(Downstream downstream) {
    this.downstream = downstream;
  }

  final void start(Generation generation, ParsedRequest head, long startNanos) {
    this.generation = generation;
    this.request = head;
    this.startNanos = startNanos;
    this.clock = startNanos;
    this.clockFresh = true;
    this.plan = null;
    this.upstreamIndex = -1;
    this.upstream = null;
    this.endpoint = null;
    this.upgradeAsked = null;
    this.responded = false;
    this.id = null;
    this.client.reset();
    if (attributes.length != generation.attributes()) {
      attributes =
          generation.attributes() == 0 ? NO_ATTRIBUTES : new Object[generation.attributes()];
    }
    stamp++;
  }

  final void finish() {
    generation = null;
    plan = null;
    upstream = null;
    endpoint = null;
    if (attributes.length > 0) {
      Arrays.fill(attributes, null);
    }
    stamp++;
  }

  /** Changes with every beginning and end. */
  final long stamp() {
    return stamp;
  }

  final LoopContext loop() {
    return downstream.loop();
  }

  final Downstream downstream() {
    return downstream;
  }

  final Generation generation() {
    Generation now = generation;
    if (now == null) {
      throw new IllegalStateException("no exchange is under way");
    }
    return now;
  }

  final RoutePlan plan() {
    RoutePlan now = plan;
    if (now == null) {
      throw new IllegalStateException("no route was found yet");
    }
    return now;
  }

  final @Nullable RoutePlan planOrNull() {
    return plan;
  }

  final void routedTo(RoutePlan found) {
    plan = found;
  }

  final void forwardedTo(int index, Upstream chosen) {
    upstreamIndex = index;
    upstream = chosen;
  }

  final void attempted(EndpointState tried) {
    endpoint = tried;
  }

  final void answered(EndpointState by) {
    endpoint = by;
  }

  final void upgradeAsked(String protocol) {
    upgradeAsked = protocol;
  }

  final @Nullable String upgradeAsked() {
    return upgradeAsked;
  }

  final boolean hasContent() {
    return request.framing() != Framing.NONE;
  }

  final ParsedResponse responseHead() {
    return response;
  }

  /** Room for a second response head, of an attempt beside the first; made when used. */
  final ParsedResponse spareHead() {
    ParsedResponse made = spare;
    if (made == null) {
      made = new ParsedResponse();
      spare = made;
    }
    return made;
  }

  /** The response is the one in {@code head}: this exchange's own, or the spare. */
  final void respondWith(ParsedResponse head) {
    if (head != response) {
      spare = response;
      response = head;
    }
  }

  final void responseExists() {
    responded = true;
  }

  /** A reading of the clock, at most as old as this burst of work. */
  final long now() {
    return clockFresh ? clock : readClock();
  }

  final long readClock() {
    clock = System.nanoTime();
    clockFresh = true;
    return clock;
  }

  final void forgetClock() {
    clockFresh = false;
  }

  /** Counts the exchange that is about to end. */
  final void count(int status, long durationNanos) {
    RoutePlan route = plan;
    if (route == null) {
      generation().listeners().get(downstream.listenerIndex()).unrouted().increment(status);
    } else {
      route.requests(downstream.listenerIndex(), upstreamIndex).increment(status);
      route.meters().duration().record(durationNanos);
    }
  }

  @Override
  public final String id() {
    String made = id;
    if (made == null) {
      made = HexFormat.of().toHexDigits(IDS.getAndAdd(GOLDEN));
      id = made;
    }
    return made;
  }

  @Override
  public final ParsedRequest request() {
    return request;
  }

  @Override
  public final ParsedResponse response() {
    if (!responded) {
      throw new IllegalStateException("there is no response yet");
    }
    return response;
  }

  @Override
  public final boolean hasResponse() {
    return responded;
  }

  @Override
  public final SocketAddress client() {
    return client.socket(downstream, request);
  }

  @Override
  public final String clientIp() {
    return downstream.peerIsTrusted() ? client.text(downstream, request) : downstream.peerIp();
  }

  @Override
  public final SocketAddress peer() {
    return downstream.peer();
  }

  @Override
  public final SocketAddress local() {
    return downstream.local();
  }

  @Override
  public final boolean peerIsTrusted() {
    return downstream.peerIsTrusted();
  }

  @Override
  public final @Nullable X509Certificate clientCertificate() {
    ClientIdentity identity = downstream.clientIdentity();
    return identity == null ? null : identity.certificate();
  }

  @Override
  public final @Nullable ClientIdentity clientIdentity() {
    return downstream.clientIdentity();
  }

  @Override
  public final String listener() {
    return downstream.listener();
  }

  @Override
  public final @Nullable String route() {
    return plan == null ? null : plan.route().name();
  }

  @Override
  public final @Nullable String upstream() {
    return upstream == null ? null : upstream.name();
  }

  @Override
  public final @Nullable Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public final @Nullable String variable(String name) {
    return switch (name) {
      case "host" -> request.host();
      case "authority" -> request.authority();
      case "path" -> request.path();
      case "query" -> request.query();
      case "method" -> request.method();
      case "scheme" -> request.scheme();
      case "protocol" -> request.version().toString();
      case "client-ip" -> clientIp();
      case "exchange" -> id();
      case "listener" -> listener();
      case "route" -> route();
      case "upstream" -> upstream();
      case "endpoint" -> endpoint == null ? null : endpoint.id();
      case "status" -> responded ? Integer.toString(response.status()) : null;
      default -> other(name);
    };
  }

  private @Nullable String other(String name) {
    String group = plan == null ? null : plan.route().group(request, name);
    if (group != null || !name.startsWith("client-cert-")) {
      return group;
    }
    return ClientVariables.value(downstream.clientIdentity(), name);
  }

  @Override
  public final long startNanos() {
    return startNanos;
  }

  @Override
  public final <T> @Nullable T get(Attribute<T> attribute) {
    return attribute.index() < attributes.length
        ? attribute.type().cast(attributes[attribute.index()])
        : null;
  }

  @Override
  public final <T> void set(Attribute<T> attribute, @Nullable T value) {
    if (attribute.index() >= attributes.length) {
      attributes = Arrays.copyOf(attributes, attribute.index() + 1);
    }
    attributes[attribute.index()] = value;
  }

  @Override
  public final @Nullable Chunk bufferedRequest() {
    ByteBuf whole = buffered();
    return whole == null ? null : new BufChunk(whole);
  }

  abstract @Nullable ByteBuf buffered();

  abstract int attemptsMade();

  abstract boolean triedOrFull(EndpointState endpoint);

  @Override
  public final int earlierAttempts() {
    return attemptsMade();
  }

  @Override
  public final boolean excluded(Endpoint candidate) {
    return triedOrFull((EndpointState) candidate);
  }

  /** What routes may know beside the head. */
  final MatchInput matchInput() {
    return matchInput;
  }

  private final class RouteInput implements MatchInput {
    @Override
    public String listener() {
      return downstream.listener();
    }

    @Override
    public @Nullable InetAddress client() {
      return client.address(downstream, request);
    }

    @Override
    public @Nullable ClientIdentity identity() {
      return downstream.clientIdentity();
    }
  }
}
