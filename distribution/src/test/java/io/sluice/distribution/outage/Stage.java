package io.sluice.distribution.outage;

import static org.awaitility.Awaitility.await;

import io.sluice.distribution.SluiceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a scenario plays on: a Toxiproxy server, three endpoints behind it, and Sluice before. */
final class Stage implements AutoCloseable {

  /** What a machine that is busy with other things may add to whatever is waited for. */
  static final Duration ALLOWANCE = Duration.ofSeconds(30);

  private static final String COMMON =
      """
      listeners.web.bind = "127.0.0.1:0"
      admin.bind = "127.0.0.1:0"
      access-log = off
      runtime.shutdown-timeout = 1s
      routes = []
      """;

  private final Path folder;
  private final ToxiproxyServer toxiproxy;
  private final Trio trio;
  private @Nullable SluiceProcess sluice;

  private Stage(Path folder, ToxiproxyServer toxiproxy, Trio trio) {
    this.folder = folder;
    this.toxiproxy = toxiproxy;
    this.trio = trio;
  }

  /** Starts everything but Sluice. */
  static Stage set(Path folder) {
    ToxiproxyServer toxiproxy = ToxiproxyServer.start(folder);
    try {
      return new Stage(folder, toxiproxy, Trio.start(folder, "trio", toxiproxy));
    } catch (RuntimeException | Error e) {
      toxiproxy.close();
      throw e;
    }
  }

  Trio trio() {
    return trio;
  }

  /** Starts Sluice with that route and upstream. */
  void run(String timeouts, String policies) {
    sluice = SluiceProcess.run(folder, COMMON + trio.config(timeouts, policies));
  }

  /**
   * The same.
   *
   * @param said of each endpoint beside its address
   */
  void run(String timeouts, String policies, List<String> said) {
    sluice = SluiceProcess.run(folder, COMMON + trio.config(timeouts, policies, said));
  }

  private SluiceProcess sluice() {
    if (sluice == null) {
      throw new IllegalStateException("Sluice is not started");
    }
    return sluice;
  }

  int port() {
    return sluice().port("web");
  }

  /** Clients of a path of the trio. */
  Crowd crowd(String path, int clients, double perSecond) {
    return Crowd.start(port(), "/trio" + path, clients, perSecond);
  }

  Metrics metrics() {
    return Metrics.read(sluice().adminPort());
  }

  void awaitUp(int endpoint, boolean up) {
    await("endpoint " + endpoint + (up ? " is up" : " is down"))
        .atMost(ALLOWANCE)
        .until(() -> metrics().up(trio.id(), trio.address(endpoint)) == up);
  }

  void awaitEjected(int endpoint) {
    await("the ejection of endpoint " + endpoint)
        .atMost(ALLOWANCE)
        .until(() -> metrics().ejected(trio.id(), trio.address(endpoint)));
  }

  @Override
  public void close() {
    if (sluice != null) {
      sluice.close();
    }
    trio.close();
    toxiproxy.close();
  }
}
