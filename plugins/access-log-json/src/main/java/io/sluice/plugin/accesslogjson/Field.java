package io.sluice.plugin.accesslogjson;

import io.sluice.api.error.ProxyError;
import io.sluice.api.http.HeaderName;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.upstream.Endpoint;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One member of the line. A member that has no value is left out. Shared by all event loops. */
interface Field {

  /** The status of an exchange whose client went away; nginx introduced it. */
  int CLIENT_CLOSED_REQUEST = 499;

  /** What a field may be, to complete "expected: …". */
  String EXPECTED = String.join(", ", known().keySet()) + ", header:NAME or response-header:NAME";

  /** Writes the member, or nothing. */
  void write(JsonLine line, Exchange exchange, Outcome outcome);

  /** Text of an exchange. */
  interface Text {
    @Nullable String of(Exchange exchange, Outcome outcome);
  }

  /** A whole number of an outcome. */
  interface Count {
    long of(Outcome outcome);
  }

  /**
   * The field of that name.
   *
   * @throws IllegalArgumentException when there is none
   */
  static Field of(String name) {
    if (name.startsWith("header:")) {
      HeaderName header = HeaderName.of(name.substring("header:".length()));
      return text(name, (exchange, outcome) -> exchange.request().headers().get(header));
    }
    if (name.startsWith("response-header:")) {
      HeaderName header = HeaderName.of(name.substring("response-header:".length()));
      return text(
          name,
          (exchange, outcome) ->
              exchange.hasResponse() ? exchange.response().headers().get(header) : null);
    }
    Field field = known().get(name);
    if (field == null) {
      throw new IllegalArgumentException("unknown field \"" + name + "\"");
    }
    return field;
  }

  private static Map<String, Field> known() {
    Map<String, Field> fields = new LinkedHashMap<>();
    byte[] time = JsonLine.key("time");
    fields.put("time", (line, exchange, outcome) -> line.time(time, outcome.durationNanos()));
    addText(fields, "exchange", (exchange, outcome) -> exchange.id());
    addText(fields, "listener", (exchange, outcome) -> exchange.listener());
    addText(fields, "route", (exchange, outcome) -> exchange.route());
    addText(fields, "upstream", (exchange, outcome) -> exchange.upstream());
    addText(fields, "endpoint", (exchange, outcome) -> endpoint(exchange));
    addText(fields, "client", (exchange, outcome) -> exchange.clientIp());
    addText(fields, "peer", (exchange, outcome) -> address(exchange.peer()));
    addText(fields, "method", (exchange, outcome) -> exchange.request().method());
    addText(fields, "scheme", (exchange, outcome) -> exchange.request().scheme());
    addText(fields, "host", (exchange, outcome) -> exchange.request().host());
    addText(fields, "path", (exchange, outcome) -> exchange.request().path());
    addText(fields, "query", (exchange, outcome) -> exchange.request().query());
    addText(fields, "protocol", (exchange, outcome) -> exchange.request().version().toString());
    addNumber(fields, "status", Field::status);
    byte[] duration = JsonLine.key("duration_ms");
    fields.put(
        "duration_ms", (line, exchange, outcome) -> line.millis(duration, outcome.durationNanos()));
    addNumber(fields, "request_bytes", Outcome::requestBytes);
    addNumber(fields, "response_bytes", Outcome::responseBytes);
    addNumber(fields, "attempts", Outcome::attempts);
    addText(fields, "error", (exchange, outcome) -> error(outcome));
    addText(
        fields, "outcome", (exchange, outcome) -> outcome.result().name().toLowerCase(Locale.ROOT));
    HeaderName userAgent = HeaderName.of("User-Agent");
    addText(
        fields, "user_agent", (exchange, outcome) -> exchange.request().headers().get(userAgent));
    HeaderName referer = HeaderName.of("Referer");
    addText(fields, "referer", (exchange, outcome) -> exchange.request().headers().get(referer));
    return fields;
  }

  private static void addText(Map<String, Field> fields, String name, Text value) {
    fields.put(name, text(name, value));
  }

  private static Field text(String name, Text value) {
    byte[] key = JsonLine.key(name);
    return (line, exchange, outcome) -> {
      String text = value.of(exchange, outcome);
      if (text != null && !text.isEmpty()) {
        line.text(key, text);
      }
    };
  }

  private static void addNumber(Map<String, Field> fields, String name, Count value) {
    byte[] key = JsonLine.key(name);
    fields.put(name, (line, exchange, outcome) -> line.number(key, value.of(outcome)));
  }

  private static int status(Outcome outcome) {
    return outcome.result() == Outcome.Result.CANCELLED ? CLIENT_CLOSED_REQUEST : outcome.status();
  }

  private static @Nullable String endpoint(Exchange exchange) {
    Endpoint endpoint = exchange.endpoint();
    return endpoint == null ? null : endpoint.id();
  }

  private static @Nullable String error(Outcome outcome) {
    ProxyError error = outcome.error();
    return error == null ? null : error.kind().label();
  }

  private static String address(SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : address.toString();
  }
}
