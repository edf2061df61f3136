package io.sluice.core.boot;

import io.sluice.core.exchange.Generation;
import io.sluice.core.listener.BindAddress;
import io.sluice.core.listener.ListenerConfig;
import io.sluice.core.listener.ListenerSocket;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/**
 * The sockets that the listeners of the serving configuration are bound to. One outlives every
 * reload that keeps its address, whatever else becomes of its listener. Thread-safe.
 */
final class Sockets {

  private final ListenerSocket.Services services;
  private final Map<String, ListenerSocket> bound = new LinkedHashMap<>();

  Sockets(ListenerSocket.Services services) {
    this.services = services;
  }

  private static String key(ListenerConfig listener, BindAddress bind) {
    return bind.text().endsWith(":0") ? listener.name() + " " + bind.text() : bind.text();
  }

  /**
   * Binds what is not bound yet, and accepts nothing. Blocks.
   *
   * @throws StartFailed when an address cannot be had; what was bound for the others is closed
   *     again
   */
  Map<String, ListenerSocket> open(Loaded loaded) throws StartFailed {
    Map<String, ListenerSocket> opened = new LinkedHashMap<>();
    for (ListenerConfig listener : loaded.config().listeners().values()) {
      for (BindAddress bind : listener.bind()) {
        String key = key(listener, bind);
        if (!has(key)) {
          opened.put(key, open(loaded, listener, bind, opened));
        }
      }
    }
    return opened;
  }

  private synchronized boolean has(String key) {
    return bound.containsKey(key);
  }

  private ListenerSocket open(
      Loaded loaded, ListenerConfig listener, BindAddress bind, Map<String, ListenerSocket> others)
      throws StartFailed {
    ListenerSocket socket =
        new ListenerSocket(bind, listener, loaded.listenerTls(listener.name()), services);
    try {
      Waiting.await(socket.open());
      return socket;
    } catch (ExecutionException e) {
      others.values().forEach(ListenerSocket::drain);
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StartFailed(
          "listener %s cannot bind %s: %s"
              .formatted(listener.name(), bind.text(), StartFailed.reason(cause)),
          cause);
    }
  }

  /**
   * Tells the sockets, those of {@code opened} included, what they serve from now on.
   *
   * @param before what those stay with that serve nothing any more
   * @return the latter, which are to be drained
   */
  synchronized List<ListenerSocket> move(
      Loaded next, Map<String, ListenerSocket> opened, Generation before) {
    Map<String, ListenerSocket> gone = new LinkedHashMap<>(bound);
    bound.putAll(opened);
    for (ListenerConfig listener : next.config().listeners().values()) {
      for (BindAddress bind : listener.bind()) {
        String key = key(listener, bind);
        gone.remove(key);
        ListenerSocket socket = bound.get(key);
        if (socket != null) {
          socket.configure(listener, next.listenerTls(listener.name()));
        }
      }
    }
    gone.forEach(
        (key, socket) -> {
          bound.remove(key);
          socket.stayWith(before);
        });
    return List.copyOf(gone.values());
  }

  /** The first ones. */
  synchronized void add(Map<String, ListenerSocket> opened) {
    bound.putAll(opened);
  }

  synchronized List<ListenerSocket> all() {
    return List.copyOf(bound.values());
  }

  /** Where each listener is bound. */
  synchronized Map<String, List<SocketAddress>> addresses(RootConfig config) {
    Map<String, List<SocketAddress>> addresses = new LinkedHashMap<>();
    for (ListenerConfig listener : config.listeners().values()) {
      List<SocketAddress> own = new ArrayList<>();
      for (BindAddress bind : listener.bind()) {
        ListenerSocket socket = bound.get(key(listener, bind));
        SocketAddress address = socket == null ? null : socket.address();
        if (address != null) {
          own.add(address);
        }
      }
      addresses.put(listener.name(), own);
    }
    return addresses;
  }

  /** How many connections are open, of all listeners. */
  synchronized int connections() {
    return bound.values().stream().mapToInt(ListenerSocket::connections).sum();
  }

  /** How many connections are open, of one listener. */
  synchronized int connections(ListenerConfig listener) {
    int open = 0;
    for (BindAddress bind : listener.bind()) {
      ListenerSocket socket = bound.get(key(listener, bind));
      open += socket == null ? 0 : socket.connections();
    }
    return open;
  }
}
