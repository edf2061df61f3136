package io.sluice.distribution.outage;

import io.sluice.distribution.Client;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One reading of {@code /metrics}. */
final class Metrics {

  private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)\\{(.*)} ([-0-9.eE+]+)");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

  private record Sample(Map<String, String> labels, double value) {

    boolean has(Map<String, String> some) {
      return labels.entrySet().containsAll(some.entrySet());
    }
  }

  private final Map<String, List<Sample>> samples = new HashMap<>();

  private Metrics(String text) {
    text.lines()
        .map(SAMPLE::matcher)
        .filter(Matcher::matches)
        .forEach(
            line ->
                samples
                    .computeIfAbsent(line.group(1), name -> new ArrayList<>())
                    .add(new Sample(labels(line.group(2)), Double.parseDouble(line.group(3)))));
  }

  static Metrics read(int adminPort) {
    return new Metrics(Client.get(adminPort, "/metrics").text());
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new HashMap<>();
    Matcher label = LABEL.matcher(text);
    while (label.find()) {
      labels.put(label.group(1), label.group(2));
    }
    return labels;
  }

  /** The sum of all samples of {@code name} that have these labels; 0 where there is none. */
  long sum(String name, Map<String, String> labels) {
    return Math.round(
        samples.getOrDefault(name, List.of()).stream()
            .filter(sample -> sample.has(labels))
            .mapToDouble(Sample::value)
            .sum());
  }

  /** Whether there is a sample of {@code name} with these labels. */
  boolean has(String name, Map<String, String> labels) {
    return samples.getOrDefault(name, List.of()).stream().anyMatch(sample -> sample.has(labels));
  }

  /** How the attempts at an endpoint ended, with those outcomes that occurred. */
  Map<String, Long> attempts(String upstream, String endpoint) {
    Map<String, Long> outcomes = new TreeMap<>();
    Map<String, String> labels = Map.of("upstream", upstream, "endpoint", endpoint);
    for (Sample sample : samples.getOrDefault("sluice_attempts_total", List.of())) {
      if (sample.has(labels) && sample.value() > 0) {
        outcomes.put(sample.labels().getOrDefault("outcome", "?"), Math.round(sample.value()));
      }
    }
    return outcomes;
  }

  /** Retries that took place. */
  long retries(String upstream) {
    return sum("sluice_retries_total", Map.of("upstream", upstream, "result", "retried"));
  }

  /** Connections in {@code state}: active or idle. */
  long connections(String upstream, String state) {
    return sum("sluice_upstream_connections", Map.of("upstream", upstream, "state", state));
  }

  boolean up(String upstream, String endpoint) {
    return sum("sluice_endpoint_up", Map.of("upstream", upstream, "endpoint", endpoint)) == 1;
  }

  boolean ejected(String upstream, String endpoint) {
    return sum("sluice_endpoint_ejected", Map.of("upstream", upstream, "endpoint", endpoint)) == 1;
  }
}
