package io.sluice.distribution.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "explain",
    header = "Say what would happen to a request.",
    description = {
      "Which route takes it and why not the ones before, the middleware in order, rewrites,",
      "the cache key and the candidate endpoints. Sends nothing."
    },
    footer = {
      "",
      "Example:",
      "  sluice explain conf/sluice.conf GET http://users.com/proxy/1 -H 'X-Canary: yes'",
      "",
      "Exit codes: 0 explained, 1 config invalid, 2 usage, 3 file unreadable."
    })
final class ExplainCommand implements Callable<Integer> {

  private final World world;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "CONFIG", description = "The config file.")
  private Path config = Path.of("");

  @Parameters(index = "1", paramLabel = "METHOD", description = "Such as GET.")
  private String method = "";

  @Parameters(
      index = "2",
      paramLabel = "URL",
      description = "The whole URL, or a path on localhost.")
  private String url = "";

  @Option(
      names = {"-H", "--header"},
      paramLabel = "'NAME: VALUE'",
      description = "A request header; may be given several times.")
  private List<String> headers = List.of();

  @Option(
      names = "--client-cert",
      paramLabel = "FILE",
      description = "PEM file of the certificates that the client shows, its own first.")
  private @Nullable Path clientCertificate;

  ExplainCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws Refusal {
    List<Map.Entry<String, String>> parsed = new ArrayList<>();
    for (String header : headers) {
      parsed.add(parse(header));
    }
    String whole = url.startsWith("/") ? "http://localhost" + url : url;
    try {
      String report =
          world
              .engine()
              .explain(
                  world.config(config),
                  new Engine.Request(method, whole, parsed, clientCertificate));
      Cli.out(spec).println(report.stripTrailing());
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(Cli.line(spec), String.valueOf(e.getMessage()), e);
    }
    return ExitCode.FINE;
  }

  private Map.Entry<String, String> parse(String header) {
    int colon = header.indexOf(':');
    if (colon < 1) {
      throw new CommandLine.ParameterException(
          Cli.line(spec), "'" + header + "' is not a header (expected: 'Name: value')");
    }
    return Map.entry(header.substring(0, colon).strip(), header.substring(colon + 1).strip());
  }
}
