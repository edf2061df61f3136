package io.sluice.plugin.accesslogjson;

import io.sluice.api.http.HeaderName;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.observe.TcpConnection;
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

  /** Writes the member of a connection, or nothing. */
  default void write(JsonLine line, TcpConnection connection) {}

  /** Text of an exchange. */
  interface Text {
    @Nullable String of(Exchange exchange, Outcome outcome);
  }

  /** Text of a connection. */
  interface TcpText {
    @Nullable String of(TcpConnection connection);
  }

  /** A whole number of a connection. */
  interface TcpCount {
    long of(TcpConnection connection);
  }

  /** A member that exchanges and connections have. */
  record Both(Field exchanges, TcpField connections) implements Field {
    @Override
    public void write(JsonLine line, Exchange exchange, Outcome outcome) {
      exchanges.write(line, exchange, outcome);
    }

    @Override
    public void write(JsonLine line, TcpConnection connection) {
      connections.write(line, connection);
    }
  }

  /** The part of a {@link Both} for connections. */
  interface TcpField {
    void write(JsonLine line, TcpConnection connection);
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
    fields.put(
        "time",
        new Both(
            (line, exchange, outcome) -> line.time(time, outcome.durationNanos()),
            (line, connection) -> line.time(time, connection.durationNanos())));
    addText(fields, "exchange", (exchange, outcome) -> exchange.id(), TcpConnection::id);
    addText(
        fields, "listener", (exchange, outcome) -> exchange.listener(), TcpConnection::listener);
    addText(fields, "route", (exchange, outcome) -> exchange.route());
    addText(
        fields, "upstream", (exchange, outcome) -> exchange.upstream(), TcpConnection::upstream);
    addText(
        fields,
        "endpoint",
        (exchange, outcome) -> id(exchange.endpoint()),
        connection -> id(connection.endpoint()));
    addText(fields, "client", (exchange, outcome) -> exchange.clientIp(), TcpConnection::clientIp);
    addText(
        fields,
        "peer",
        (exchange, outcome) -> address(exchange.peer()),
        connection -> address(connection.peer()));
    addText(fields, "method", (exchange, outcome) -> exchange.request().method());
    addText(fields, "scheme", (exchange, outcome) -> exchange.request().scheme());
    addText(
        fields,
        "host",
        (exchange, outcome) -> exchange.request().host(),
        TcpConnection::serverName);
    addText(fields, "path", (exchange, outcome) -> exchange.request().path());
    addText(fields, "query", (exchange, outcome) -> exchange.request().query());
    addText(
        fields,
        "protocol",
        (exchange, outcome) -> exchange.request().version().toString(),
        connection -> "tcp");
    addNumber(fields, "status", Field::status);
    byte[] duration = JsonLine.key("duration_ms");
    fields.put(
        "duration_ms",
        new Both(
            (line, exchange, outcome) -> line.millis(duration, outcome.durationNanos()),
            (line, connection) -> line.millis(duration, connection.durationNanos())));
    addNumber(fields, "request_bytes", Outcome::requestBytes, TcpConnection::receivedBytes);
    addNumber(fields, "response_bytes", Outcome::responseBytes, TcpConnection::sentBytes);
    addNumber(fields, "attempts", Outcome::attempts, TcpConnection::attempts);
    addText(
        fields,
        "error",
        (exchange, outcome) -> outcome.error() == null ? null : outcome.error().kind().label(),
        connection -> connection.error() == null ? null : connection.error().label());
    addText(
        fields,
        "outcome",
        (exchange, outcome) -> outcome.result().name().toLowerCase(Locale.ROOT),
        connection -> connection.ending().name().toLowerCase(Locale.ROOT));
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

  private static void addText(
      Map<String, Field> fields, String name, Text value, TcpText ofConnection) {
    byte[] key = JsonLine.key(name);
    fields.put(
        name,
        new Both(
            text(name, value),
            (line, connection) -> {
              String text = ofConnection.of(connection);
              if (text != null && !text.isEmpty()) {
                line.text(key, text);
              }
            }));
  }

  private static void addNumber(
      Map<String, Field> fields, String name, Count value, TcpCount ofConnection) {
    byte[] key = JsonLine.key(name);
    fields.put(
        name,
        new Both(
            (line, exchange, outcome) -> line.number(key, value.of(outcome)),
            (line, connection) -> line.number(key, ofConnection.of(connection))));
  }

  private static void addNumber(Map<String, Field> fields, String name, Count value) {
    byte[] key = JsonLine.key(name);
    fields.put(name, (line, exchange, outcome) -> line.number(key, value.of(outcome)));
  }

  private static int status(Outcome outcome) {
    return outcome.result() == Outcome.Result.CANCELLED ? CLIENT_CLOSED_REQUEST : outcome.status();
  }

  private static @Nullable String id(@Nullable Endpoint endpoint) {
    return endpoint == null ? null : endpoint.id();
  }

  private static String address(SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : address.toString();
  }
}
