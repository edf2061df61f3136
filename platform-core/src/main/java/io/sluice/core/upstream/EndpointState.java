package io.sluice.core.upstream;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.EndpointSlot;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint with everything that is known of it. Outlives the configuration it came from for as
 * long as a later one names the same address in the same upstream.
 */
public final class EndpointState implements Endpoint {

  /** What an operator said of it at run time. */
  public enum Admin {
    /** It serves when it can. */
    ENABLED,
    /** It gets no new attempts; those under way end. */
    DRAINING,
    /** It gets no new attempts. */
    DISABLED
  }

  private final EndpointAddress address;
  private final String id;
  private final @Nullable SocketAddress literal;
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger streams = new AtomicInteger();

  private final Handshakes handshakes = new Handshakes(System::nanoTime);
  private volatile int weight;
  private volatile @Nullable String zone;
  private volatile int priority;
  private volatile @Nullable String name;
  private volatile String authority;
  private volatile double grown = 1;
  private volatile boolean gone;
  private volatile boolean healthy;
  private volatile boolean checked;
  private volatile @Nullable Ejection ejection;
  private volatile Admin admin = Admin.ENABLED;
  private volatile String detail = "";
  private volatile @Nullable Instant probedAt;
  private volatile boolean lastVerdict;
  private volatile Instant healthSince = Instant.now();
  private final AtomicLong passed = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private volatile Slots slots = Slots.NONE;

  /** Guarded by whoever calls {@link #growth}. */
  private boolean wasEligible;

  private long eligibleSinceNanos;

  EndpointState(EndpointConfig config, boolean healthy) {
    this.address = config.address();
    this.id = address.id();
    this.literal = Addresses.literal(address);
    this.healthy = healthy;
    this.authority = address.authority();
    configure(config);
  }

  void configure(EndpointConfig config) {
    weight = config.weight();
    zone = config.zone();
    priority = config.priority();
    name = config.name();
    authority = authority(config);
  }

  private static String authority(EndpointConfig config) {
    String name = config.name();
    if (name == null) {
      return config.address().authority();
    }
    return config.address().isUnix() ? name : name + ":" + config.address().port();
  }

  /** Where it is. */
  public EndpointAddress address() {
    return address;
  }

  /** Where to connect; a host name is left for the resolver. */
  SocketAddress socketAddress() {
    SocketAddress known = literal;
    return known != null
        ? known
        : InetSocketAddress.createUnresolved(address.host(), address.port());
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String host() {
    return address.host();
  }

  @Override
  public int port() {
    return address.port();
  }

  @Override
  public String basePath() {
    return address.basePath();
  }

  /** What it calls itself, or null for the host of its address. */
  public @Nullable String name() {
    return name;
  }

  /** The name that its certificate must have, unless the upstream says another one. */
  String serverName() {
    String known = name;
    if (known != null) {
      return known;
    }
    return address.isUnix() ? "localhost" : address.host();
  }

  /** Why the last TLS handshake with it failed; null when it did not. */
  public @Nullable String tlsProblem() {
    return handshakes.problem();
  }

  /** How TLS with it goes. */
  Handshakes handshakes() {
    return handshakes;
  }

  /** Host and port, as Host writes them: of its name where it has one. */
  public String authority() {
    return authority;
  }

  @Override
  public int weight() {
    return weight;
  }

  @Override
  public double effectiveWeight() {
    return weight * grown;
  }

  @Override
  public @Nullable String zone() {
    return zone;
  }

  @Override
  public boolean backup() {
    return priority > 0;
  }

  @Override
  public int priority() {
    return priority;
  }

  @Override
  public int activeRequests() {
    return active.get();
  }

  @Override
  public int openConnections() {
    return connections.get();
  }

  /** Requests that are open on its HTTP/2 connections. */
  public int openStreams() {
    return streams.get();
  }

  void streamOpened() {
    streams.incrementAndGet();
  }

  void streamClosed() {
    streams.decrementAndGet();
  }

  /** Counts an attempt in, if there are fewer than {@code max}; {@link #ended} counts it out. */
  boolean tryStart(long max) {
    return Permits.takeBelow(active, max);
  }

  void ended() {
    active.decrementAndGet();
  }

  boolean tryConnect(long max) {
    return Permits.takeBelow(connections, max);
  }

  void disconnected() {
    connections.decrementAndGet();
  }

  /** Whether the active checks, if there are any, find it well. */
  public boolean healthy() {
    return healthy;
  }

  /** Whether an active check has given a verdict yet. */
  public boolean checked() {
    return checked;
  }

  /** Whether outlier detection took it out. */
  public boolean ejected() {
    return ejection != null;
  }

  /** Why and until when outlier detection took it out, or null while it did not. */
  public @Nullable Ejection ejection() {
    return ejection;
  }

  /** What an operator said. */
  public Admin admin() {
    return admin;
  }

  /** What the last probe found. */
  public String detail() {
    return detail;
  }

  void healthy(boolean now) {
    if (healthy != now) {
      healthSince = Instant.now();
    }
    healthy = now;
  }

  /** Since when it is healthy, or unhealthy. */
  public Instant healthSince() {
    return healthSince;
  }

  /** Probes that it passed so far. */
  public long probesPassed() {
    return passed.get();
  }

  /** Probes that it failed so far. */
  public long probesFailed() {
    return failed.get();
  }

  /** When the last probe ended, or null before the first. */
  public @Nullable Instant probedAt() {
    return probedAt;
  }

  /** Whether the last probe passed. */
  public boolean lastVerdict() {
    return lastVerdict;
  }

  void probed(boolean ok, String found) {
    checked = true;
    lastVerdict = ok;
    detail = found;
    (ok ? passed : failed).incrementAndGet();
    probedAt = Instant.now();
  }

  void ejection(@Nullable Ejection now) {
    ejection = now;
  }

  void admin(Admin now) {
    admin = now;
  }

  /**
   * What share of its weight it has grown to, 0 where it is not eligible.
   *
   * @param how null for all of it at once
   */
  double growth(@Nullable SlowStart how, long nowNanos) {
    boolean now = eligible();
    if (now && !wasEligible) {
      eligibleSinceNanos = nowNanos;
    }
    wasEligible = now;
    if (!now) {
      return 0;
    }
    return how == null ? 1 : how.share(nowNanos - eligibleSinceNanos);
  }

  /** This share of its weight counts. */
  void grown(double share) {
    grown = share;
  }

  /** Whether a client that was here may come again. */
  boolean mayBeReturnedTo() {
    return healthy && ejection == null && admin != Admin.DISABLED;
  }

  /** Its upstream no longer has it: what is under way may end, and nothing is kept open for it. */
  void gone() {
    gone = true;
  }

  /** Whether a connection to it that nothing uses is worth keeping. */
  boolean worthKeeping() {
    return !gone && admin != Admin.DISABLED;
  }

  EndpointConfig config() {
    return new EndpointConfig(address, weight, zone, priority, name);
  }

  boolean eligible() {
    return healthy && ejection == null && admin == Admin.ENABLED;
  }

  @Override
  public <T> @Nullable T get(EndpointSlot<T> slot) {
    Object value = slots.get(slot.index());
    return slot.type().isInstance(value) ? slot.type().cast(value) : null;
  }

  @Override
  public synchronized <T> T getOrSet(EndpointSlot<T> slot, T value) {
    T present = get(slot);
    if (present != null) {
      return present;
    }
    slots = slots.with(slot.index(), value);
    return value;
  }

  @Override
  public String toString() {
    return id;
  }
}
