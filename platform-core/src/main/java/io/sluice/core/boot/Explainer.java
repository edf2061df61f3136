package io.sluice.core.boot;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.api.tls.ClientIdentity;
import io.sluice.core.admin.AdminModel;
import io.sluice.core.exchange.RoutePlan;
import io.sluice.core.http.FramingException;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.RequestParser;
import io.sluice.core.listener.ListenerConfig;
import io.sluice.core.route.Destination;
import io.sluice.core.route.MatchInput;
import io.sluice.core.route.Rewrite;
import io.sluice.core.route.Route;
import io.sluice.core.route.RouteTable;
import io.sluice.core.route.WeightedUpstreams;
import io.sluice.core.transport.tls.ServerTls;
import io.sluice.core.transport.tls.TlsFailures;
import io.sluice.core.upstream.EndpointAddress;
import io.sluice.core.upstream.EndpointConfig;
import io.sluice.core.upstream.EndpointState;
import io.sluice.core.upstream.Upstream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says what would become of a request, by the code that serves requests. Sends nothing. */
final class Explainer {

  private final Loaded loaded;

  Explainer(Loaded loaded) {
    this.loaded = loaded;
  }

  /**
   * Explains.
   *
   * @throws IllegalArgumentException for a method or URL that cannot be, and for certificates where
   *     no listener asks for any
   */
  AdminModel.Explanation explain(ExplainRequest asked) {
    ParsedRequest head = parse(asked.method(), asked.url(), asked.headers());
    List<String> report = new ArrayList<>();
    String listener = listener(!asked.certificates().isEmpty());
    report.add("request      " + asked.method() + " " + head.host() + head.path() + query(head));
    report.add("listener     " + (listener.isEmpty() ? "(none configured)" : listener));
    ClientIdentity client;
    try {
      client = client(listener, asked.certificates());
    } catch (CertificateException e) {
      report.add("client       refused, the handshake fails: " + TlsFailures.reason(e));
      return new AdminModel.Explanation(null, report);
    }
    if (client != null) {
      report.add("client       " + client);
    }
    RouteTable.Explanation found =
        loaded.generation().routes().explain(head, new Input(listener, client));
    for (RouteTable.Skipped skipped : found.skipped()) {
      report.add("not          " + skipped.route().name() + ": " + skipped.reason());
    }
    Route route = found.route();
    if (route == null) {
      report.add("route        none: 404 destination_not_found");
      return new AdminModel.Explanation(null, report);
    }
    report.add("route        " + route.name());
    RoutePlan plan = loaded.generation().plans().get(route.index());
    List<String> chain =
        listener.isEmpty()
            ? List.of()
            : plan.chainNames(loaded.generation().listenerIndex(listener));
    report.add("middleware   " + (chain.isEmpty() ? "(none)" : String.join(" -> ", chain)));
    destination(report, route, plan, head);
    return new AdminModel.Explanation(route.name(), report);
  }

  /** The first listener, or the first where clients may show certificates; empty for none. */
  private String listener(boolean certificates) {
    for (ListenerConfig listener : loaded.config().listeners().values()) {
      if (!certificates || listener.asksForCertificates()) {
        return listener.name();
      }
    }
    if (certificates) {
      throw new IllegalArgumentException("no listener asks clients for certificates");
    }
    return "";
  }

  private @Nullable ClientIdentity client(String listener, List<X509Certificate> certificates)
      throws CertificateException {
    ServerTls tls = loaded.listenerTls(listener);
    return certificates.isEmpty() || tls == null ? null : tls.terms().client(certificates);
  }

  private static String query(ParsedRequest head) {
    return head.query() == null ? "" : "?" + head.query();
  }

  private static ParsedRequest parse(
      String method, String url, List<Map.Entry<String, String>> headers) {
    URI uri = URI.create(url);
    if (uri.getRawAuthority() == null || uri.getScheme() == null) {
      throw new IllegalArgumentException(
          "\"" + url + "\" is no absolute URL (expected: http://host/path)");
    }
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    StringBuilder text = new StringBuilder();
    text.append(method).append(' ').append(path);
    if (uri.getRawQuery() != null) {
      text.append('?').append(uri.getRawQuery());
    }
    text.append(" HTTP/1.1\r\n");
    boolean host = false;
    for (Map.Entry<String, String> line : headers) {
      host |= line.getKey().equalsIgnoreCase("host");
      text.append(line.getKey()).append(": ").append(line.getValue()).append("\r\n");
    }
    if (!host) {
      text.append("Host: ").append(uri.getRawAuthority()).append("\r\n");
    }
    text.append("\r\n");
    RequestParser parser = new RequestParser(1 << 20, 1000, uri.getScheme(), true);
    parser.reset();
    ByteBuf octets = Unpooled.wrappedBuffer(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    try {
      if (!parser.read(octets)) {
        throw new IllegalArgumentException("not a whole request");
      }
      return parser.request();
    } catch (FramingException e) {
      throw new IllegalArgumentException(
          "the listener would refuse it with " + e.kind().status() + ": " + e.reason(), e);
    }
  }

  private static void destination(
      List<String> report, Route route, RoutePlan plan, ParsedRequest head) {
    Destination destination = route.destination();
    if (!(destination instanceof WeightedUpstreams weighted)) {
      report.add("answer       " + destination);
      return;
    }
    Rewrite rewrite = route.rewrite();
    report.add("rewrite      " + rewrite);
    int index = 0;
    for (WeightedUpstreams.Member member : weighted.members()) {
      Upstream upstream = plan.upstreams().get(index++);
      report.add("upstream     " + member.name() + weight(weighted, member));
      List<EndpointState> endpoints = upstream.endpoints();
      if (endpoints.isEmpty()) {
        for (EndpointConfig endpoint : upstream.config().endpoints()) {
          EndpointAddress address = endpoint.address();
          String gets = route.target(head, address.basePath());
          List<String> notes = notes(endpoint.weight(), endpoint.zone(), endpoint.priority());
          report.add(line(address.authority(), head.method(), gets, notes));
        }
      }
      for (EndpointState endpoint : endpoints) {
        String gets = route.target(head, endpoint.basePath());
        List<String> notes = notes(endpoint.weight(), endpoint.zone(), endpoint.priority());
        addState(notes, endpoint);
        report.add(line(endpoint.authority(), head.method(), gets, notes));
      }
    }
  }

  private static String line(String authority, String method, String target, List<String> notes) {
    String end = notes.isEmpty() ? "" : " (" + String.join(", ", notes) + ")";
    return "  endpoint   " + authority + " gets " + method + " " + target + end;
  }

  /** What the choice depends on, where it is not the default. */
  private static List<String> notes(int weight, @Nullable String zone, int priority) {
    List<String> notes = new ArrayList<>();
    if (priority != 0) {
      notes.add("priority " + priority);
    }
    if (zone != null) {
      notes.add("zone " + zone);
    }
    if (weight != 1) {
      notes.add("weight " + weight);
    }
    return notes;
  }

  private static void addState(List<String> notes, EndpointState endpoint) {
    if (Math.abs(endpoint.effectiveWeight() - endpoint.weight()) > 0.005) {
      notes.add(
          String.format(
              Locale.ROOT,
              "slow start at %.0f%%",
              100 * endpoint.effectiveWeight() / endpoint.weight()));
    }
    if (!endpoint.healthy()) {
      notes.add("unhealthy");
    } else if (endpoint.ejected()) {
      notes.add("ejected");
    } else if (endpoint.admin() != EndpointState.Admin.ENABLED) {
      notes.add(endpoint.admin().name().toLowerCase(Locale.ROOT));
    }
  }

  private static String weight(WeightedUpstreams weighted, WeightedUpstreams.Member member) {
    if (weighted.members().size() == 1) {
      return "";
    }
    int all =
        weighted.members().stream()
            .collect(Collectors.summingInt(WeightedUpstreams.Member::weight));
    return " (" + member.weight() + " of " + all + ")";
  }

  private record Input(String listener, @Nullable ClientIdentity identity) implements MatchInput {
    @Override
    public @Nullable InetAddress client() {
      return InetAddress.getLoopbackAddress();
    }
  }
}
