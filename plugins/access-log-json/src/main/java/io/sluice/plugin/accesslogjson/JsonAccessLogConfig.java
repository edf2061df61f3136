package io.sluice.plugin.accesslogjson;

import io.sluice.api.config.ConfigSection;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the {@code json} access log.
 *
 * @param to {@code stdout}, {@code stderr}, or the name of a file
 * @param file where {@code to} names a file: that file; else null
 * @param maxSizeBytes the size past which a file is put aside, or {@link ConfigSection#UNLIMITED}
 * @param keep how many files put aside are kept, 0 to 1000
 * @param fields what a line holds, in order
 * @param bufferBytes room for lines not yet written, for each event loop; 256 KiB to 64 MiB
 */
record JsonAccessLogConfig(
    String to,
    @Nullable Path file,
    long maxSizeBytes,
    int keep,
    List<Field> fields,
    int bufferBytes) {

  private static final List<String> DEFAULT_FIELDS =
      List.of(
          "time",
          "exchange",
          "listener",
          "route",
          "upstream",
          "endpoint",
          "client",
          "method",
          "scheme",
          "host",
          "path",
          "query",
          "protocol",
          "status",
          "duration_ms",
          "request_bytes",
          "response_bytes",
          "attempts",
          "error",
          "outcome",
          "user_agent",
          "referer");

  static JsonAccessLogConfig decode(ConfigSection config) {
    String to =
        config
            .string("to")
            .describe("stdout, stderr, or a file")
            .check(text -> !text.isBlank(), "stdout, stderr, or the name of a file")
            .orElse("stdout");
    Path file = isStream(to) ? null : config.file("to").describe("the file").required();
    return new JsonAccessLogConfig(
        to,
        file,
        config
            .sizeBound("max-size")
            .describe("size past which the file is put aside as FILE.1")
            .check(bytes -> bytes >= 64 * 1024, "at least 64K, or unlimited")
            .orElse(100L << 20),
        config
            .integer("keep", 0, 1000)
            .describe("how many files put aside are kept")
            .orElse(7L)
            .intValue(),
        fields(config),
        config
            .size("buffer")
            .describe("room for lines not yet written, for each event loop")
            .check(bytes -> bytes >= 256 * 1024 && bytes <= 64 << 20, "a size from 256K to 64M")
            .orElse(1L << 20)
            .intValue());
  }

  private static List<Field> fields(ConfigSection config) {
    List<Field> fields = new ArrayList<>();
    for (String name :
        config
            .strings("fields")
            .describe("what a line holds, in order")
            .check(names -> !names.isEmpty(), "at least one field")
            .orElse(DEFAULT_FIELDS)) {
      try {
        fields.add(Field.of(name));
      } catch (IllegalArgumentException e) {
        config.problem("fields", String.valueOf(e.getMessage()), Field.EXPECTED);
      }
    }
    return List.copyOf(fields);
  }

  private static boolean isStream(String to) {
    return to.equals("stdout") || to.equals("stderr");
  }

  /** The place that lines go to; nothing is opened yet. */
  LogTarget target(LongSupplier ticker) {
    Path path = file;
    if (path != null) {
      return new RotatingFile(path, maxSizeBytes, keep, ticker);
    }
    return new StandardStream(
        new FileOutputStream(to.equals("stderr") ? FileDescriptor.err : FileDescriptor.out));
  }
}
