package io.sluice.distribution.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "demo",
    header = "Run two built-in endpoints with a proxy before them, and say what to try.",
    description = {
      "Everything is on 127.0.0.1. The proxy takes port 8080 and its admin API port 9901, or the",
      "next ones that are free. Ctrl-C ends it."
    })
final class DemoCommand implements Callable<Integer> {

  private static final int PROXY_PORT = 8080;
  private static final int ADMIN_PORT = 9901;
  private static final int PORTS_TRIED = 100;

  private final World world;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      description = "End by itself after this time, such as 5s.")
  private @Nullable Duration limit;

  DemoCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws Refusal, IOException {
    System.setProperty("sun.net.httpserver.nodelay", "true");
    Path folder = Files.createTempDirectory("sluice-demo");
    Path config = folder.resolve("demo.conf");
    try (DemoEndpoint a = DemoEndpoint.start("a");
        DemoEndpoint b = DemoEndpoint.start("b")) {
      int proxy = freePort(PROXY_PORT);
      int admin = freePort(ADMIN_PORT);
      Files.writeString(config, config(proxy, admin, a.address(), b.address()));
      PrintWriter out = Cli.out(spec);
      return new Session(world, Cli.err(spec))
          .run(
              config,
              limit,
              running -> {
                whatToTry(proxy, admin, config).forEach(out::println);
                out.flush();
              });
    } finally {
      Files.deleteIfExists(config);
      Files.deleteIfExists(folder);
    }
  }

  private static int freePort(int first) throws Refusal {
    for (int port = first; port < first + PORTS_TRIED; port++) {
      if (free(port)) {
        return port;
      }
    }
    throw Refusal.couldNotStart(
        "no port from " + first + " to " + (first + PORTS_TRIED - 1) + " is free");
  }

  private static boolean free(int port) {
    try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return probe.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private static String config(int proxy, int admin, String a, String b) {
    return """
        listeners.web.bind = "127.0.0.1:%d"
        admin.bind = "127.0.0.1:%d"

        routes = [
          { name = ping, match.path = "/ping",
            respond { status = 200, body = "pong\\n", content-type = "text/plain" } }
          { name = limited, match.path-prefix = "/limited", middleware = [limit], upstream = app }
          { name = everything, upstream = app }
        ]

        middleware.limit { type = rate-limit, requests = 10, per = 1 minute, burst = 3 }

        upstreams.app {
          endpoints = ["%s", "%s"]
          balancer.type = round-robin
          health-check { type = http, path = "/health", interval = 2s }
        }

        access-log = off
        log-level = warn
        """
        .formatted(proxy, admin, a, b);
  }

  private static List<String> whatToTry(int proxy, int admin, Path config) {
    String web = "http://127.0.0.1:" + proxy;
    String api = "http://127.0.0.1:" + admin;
    return List.of(
        "Sluice is proxying " + web + " to two endpoints, a and b.",
        "",
        "Try in another terminal:",
        "  curl " + web + "/hello          a and b answer in turn",
        "  curl " + web + "/ping           the proxy answers by itself",
        "  curl -i " + web + "/limited     429 at the fourth within a few seconds",
        "  curl " + api + "/upstreams      endpoints, their health, their load",
        "  curl " + api + "/metrics        for Prometheus",
        "",
        "Dashboard  " + api + "/",
        "Config     " + config + "  (change it, then: sluice reload --admin " + api + ")",
        "",
        "Ctrl-C ends it.");
  }
}
