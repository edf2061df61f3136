package io.sluice.plugin.testkit;

import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.EndpointSlot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** An endpoint without a connection; its load is what the test says. Thread-safe. */
public final class FakeEndpoint implements Endpoint {

  private final String host;
  private final int port;
  private final Map<EndpointSlot<?>, Object> slots = new ConcurrentHashMap<>();
  private volatile int weight = 1;
  private volatile double effectiveWeight = 1;
  private volatile @Nullable String zone;
  private volatile boolean backup;
  private volatile int activeRequests;
  private volatile int openConnections;
  private volatile String basePath = "";

  private FakeEndpoint(String host, int port) {
    this.host = host;
    this.port = port;
  }

  /** An endpoint at {@code "10.0.0.1:9090"}, of weight 1, idle. */
  public static FakeEndpoint at(String address) {
    int colon = address.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("not host:port: " + address);
    }
    return new FakeEndpoint(
        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
  }

  /** {@code count} endpoints: {@code 10.0.0.1:80}, {@code 10.0.0.2:80} and so on; at most 254. */
  public static List<FakeEndpoint> several(int count) {
    List<FakeEndpoint> endpoints = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      endpoints.add(at("10.0.0." + i + ":80"));
    }
    return endpoints;
  }

  /** Changes the weight, the effective one too. */
  public FakeEndpoint weight(int newWeight) {
    weight = newWeight;
    effectiveWeight = newWeight;
    return this;
  }

  /** Changes the effective weight alone, as slow start does. */
  public FakeEndpoint effectiveWeight(double newWeight) {
    effectiveWeight = newWeight;
    return this;
  }

  /** Puts it into a zone. */
  public FakeEndpoint zone(@Nullable String newZone) {
    zone = newZone;
    return this;
  }

  /** Makes it a backup or not. */
  public FakeEndpoint backup(boolean newBackup) {
    backup = newBackup;
    return this;
  }

  /** Says how many attempts are in flight. */
  public FakeEndpoint activeRequests(int newCount) {
    activeRequests = newCount;
    return this;
  }

  /** Says how many connections are open. */
  public FakeEndpoint openConnections(int newCount) {
    openConnections = newCount;
    return this;
  }

  /** Gives its URL a path. */
  public FakeEndpoint basePath(String newPath) {
    basePath = newPath;
    return this;
  }

  @Override
  public String id() {
    return host + ":" + port;
  }

  @Override
  public String host() {
    return host;
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public String basePath() {
    return basePath;
  }

  @Override
  public int weight() {
    return weight;
  }

  @Override
  public double effectiveWeight() {
    return effectiveWeight;
  }

  @Override
  public @Nullable String zone() {
    return zone;
  }

  @Override
  public boolean backup() {
    return backup;
  }

  @Override
  public int activeRequests() {
    return activeRequests;
  }

  @Override
  public int openConnections() {
    return openConnections;
  }

  @Override
  public <T> @Nullable T get(EndpointSlot<T> slot) {
    Object value = slots.get(slot);
    return value == null ? null : slot.type().cast(value);
  }

  @Override
  public <T> T getOrSet(EndpointSlot<T> slot, T value) {
    return slot.type().cast(slots.computeIfAbsent(slot, key -> value));
  }

  @Override
  public String toString() {
    return id();
  }
}
