package io.sluice.core.route;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Everything that a route asks of a request; what is null or empty is not asked. Immutable. */
record RouteMatch(
    @Nullable HostCondition host,
    @Nullable PathCondition path,
    @Nullable MethodCondition methods,
    List<HeaderCondition> headers,
    List<QueryCondition> query,
    @Nullable ClientCondition client,
    @Nullable ListenerCondition listener,
    @Nullable ClientCertificateCondition clientCertificate) {

  /** Asks for nothing. */
  static final RouteMatch ANYTHING =
      new RouteMatch(null, null, null, List.of(), List.of(), null, null, null);

  /** The conditions beside host and path, the cheap ones first. */
  List<Condition> others() {
    List<Condition> conditions = new ArrayList<>();
    addIfPresent(conditions, methods);
    addIfPresent(conditions, listener);
    conditions.addAll(query);
    conditions.addAll(headers);
    addIfPresent(conditions, client);
    addIfPresent(conditions, clientCertificate);
    return conditions;
  }

  /** All conditions, in the order in which an explanation looks at them. */
  List<Condition> all() {
    List<Condition> conditions = new ArrayList<>();
    addIfPresent(conditions, host);
    addIfPresent(conditions, path);
    conditions.addAll(others());
    return conditions;
  }

  private static void addIfPresent(List<Condition> conditions, @Nullable Condition condition) {
    if (condition != null) {
      conditions.add(condition);
    }
  }

  /** Every matcher by its key, as text. */
  Map<String, String> describe() {
    Map<String, String> texts = new LinkedHashMap<>();
    if (host != null) {
      texts.put("host", words(host.patterns()));
    }
    if (path != null) {
      texts.put("path", words(path.patterns()));
    }
    if (methods != null) {
      texts.put("methods", words(methods.methods()));
    }
    headers.forEach(header -> texts.put("header " + header.name(), words(header.values())));
    query.forEach(parameter -> texts.put("query " + parameter.name(), words(parameter.values())));
    if (client != null) {
      texts.put("client", words(client.blocks()));
    }
    if (listener != null) {
      texts.put("listener", words(listener.listeners()));
    }
    if (clientCertificate != null) {
      texts.put("client-cert", clientCertificate.toString());
    }
    return texts;
  }

  private static String words(List<?> values) {
    return values.stream().map(String::valueOf).collect(Collectors.joining(" or "));
  }

  /** Whether every request that {@code other} takes is taken here; false when not plain to see. */
  boolean covers(RouteMatch other) {
    return (host == null || (other.host != null && host.covers(other.host)))
        && (path == null || (other.path != null && path.covers(other.path)))
        && (methods == null || (other.methods != null && methods.covers(other.methods)))
        && (client == null || (other.client != null && client.covers(other.client)))
        && (listener == null || (other.listener != null && listener.covers(other.listener)))
        && (clientCertificate == null
            || (other.clientCertificate != null
                && clientCertificate.covers(other.clientCertificate)))
        && headers.stream().allMatch(mine -> other.headers.stream().anyMatch(mine::covers))
        && query.stream().allMatch(mine -> other.query.stream().anyMatch(mine::covers));
  }

  /**
   * Who is asked for, in a few words: {@code users.com/proxy/}; the name of a route without one.
   */
  String label() {
    StringBuilder label = new StringBuilder();
    if (methods != null) {
      label.append(String.join(",", methods.methods())).append(' ');
    }
    if (host != null) {
      label.append(host.patterns().get(0));
    }
    if (path != null) {
      label.append(pathLabel(path.patterns().get(0)));
    }
    String text = label.toString().strip();
    return text.isEmpty() ? "default" : text;
  }

  private static String pathLabel(PathPattern pattern) {
    return pattern instanceof PathPattern.Prefix prefix
        ? prefix.prefix() + (prefix.slashEnds() ? "" : "/") + "*"
        : pattern.toString();
  }
}
