package io.sluice.plugin.accesslogjson;

import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Outcome;
import io.sluice.api.observe.AccessLog;
import io.sluice.api.observe.TcpConnection;
import java.time.Clock;
import java.util.List;

/**
 * Formats a line on the event loop, into bytes of that thread's own, and hands it to the writer.
 * Allocates nothing once a thread's buffer has grown to the size of its lines.
 */
final class JsonAccessLog implements AccessLog {

  private final Field[] fields;
  private final LogWriter writer;
  private final Clock clock;
  private final ThreadLocal<Lane> lanes;

  /** What one event loop has to itself. */
  private record Lane(JsonLine line, ByteRing ring) {}

  JsonAccessLog(List<Field> fields, LogWriter writer, Clock clock) {
    this.fields = fields.toArray(new Field[0]);
    this.writer = writer;
    this.clock = clock;
    this.lanes = ThreadLocal.withInitial(() -> new Lane(new JsonLine(), writer.newRing()));
  }

  @Override
  public void log(Exchange exchange, Outcome outcome) {
    Lane lane = lanes.get();
    JsonLine line = lane.line;
    line.begin(clock.millis());
    for (Field field : fields) {
      field.write(line, exchange, outcome);
    }
    line.end();
    writer.submit(lane.ring, line.bytes(), line.length());
  }

  @Override
  public void log(TcpConnection connection) {
    Lane lane = lanes.get();
    JsonLine line = lane.line;
    line.begin(clock.millis());
    for (Field field : fields) {
      field.write(line, connection);
    }
    line.end();
    writer.submit(lane.ring, line.bytes(), line.length());
  }

  @Override
  public void close() {
    writer.close();
  }
}
