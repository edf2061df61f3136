package io.sluice.distribution;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** GETs on several keep-alive connections, one after the other on each, until told to stop. */
final class Load implements AutoCloseable {

  /** What a closed keep-alive connection without a response counts as. */
  enum Idle {
    /** A failure: nothing may close it. */
    MUST_STAY,
    /** Fine: a proxy that drains closes what is idle, and the client may send elsewhere. */
    MAY_CLOSE
  }

  private final int port;
  private final String[] targets;
  private final Idle idle;
  private final Predicate<Wire.Message> fine;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong completed = new AtomicLong();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private volatile boolean stopped;

  private Load(int port, Idle idle, Predicate<Wire.Message> fine, String... targets) {
    this.port = port;
    this.idle = idle;
    this.fine = fine;
    this.targets = targets;
  }

  static Load start(
      int port, int connections, Idle idle, Predicate<Wire.Message> fine, String... targets) {
    Load load = new Load(port, idle, fine, targets);
    for (int i = 0; i < connections; i++) {
      Thread thread = new Thread(load::loop, "load-" + i);
      thread.setDaemon(true);
      load.threads.add(thread);
      thread.start();
    }
    return load;
  }

  /** Requests that got the response they should. */
  long completed() {
    return completed.get();
  }

  /** What went wrong, one text each. */
  List<String> failures() {
    return failures;
  }

  /** Lets every connection finish its request and waits for that. */
  Load stop() {
    stopped = true;
    try {
      for (Thread thread : threads) {
        thread.join(30_000);
        if (thread.isAlive()) {
          failures.add(thread.getName() + " still waits for a response");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return this;
  }

  @Override
  public void close() {
    stop();
  }

  private void loop() {
    while (!stopped) {
      try (Client client = connect()) {
        if (client == null) {
          return;
        }
        keepAlive(client);
      } catch (IOException e) {
        failures.add(Thread.currentThread().getName() + ": " + e);
      }
    }
  }

  private @Nullable Client connect() throws IOException {
    try {
      return new Client(port);
    } catch (IOException refused) {
      if (idle == Idle.MAY_CLOSE) {
        return null;
      }
      throw refused;
    }
  }

  private void keepAlive(Client client) throws IOException {
    for (int i = 0; !stopped; i++) {
      String target = targets[i % targets.length];
      Wire.Message response;
      try {
        response = client.exchange("GET", target, List.of(), "");
      } catch (IOException e) {
        if (idle == Idle.MAY_CLOSE && i > 0 && isReset(e)) {
          return;
        }
        throw new IOException("request " + i + " of a connection: " + e, e);
      }
      if (response == null) {
        if (idle == Idle.MUST_STAY || i == 0) {
          throw new IOException("closed without a response to request " + i + " of a connection");
        }
        return;
      }
      if (fine.test(response)) {
        completed.incrementAndGet();
      } else {
        failures.add(target + " got " + response.start() + " " + response.text());
      }
      if (response.closes()) {
        return;
      }
    }
  }

  /** Sent into a connection that was being closed: no byte of a response came. */
  private static boolean isReset(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("reset") || message.contains("Broken pipe");
  }
}
