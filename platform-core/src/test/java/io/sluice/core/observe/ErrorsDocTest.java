package io.sluice.core.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.error.ErrorKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ErrorsDocTest {

  private static final Path SOURCE =
      Path.of("../plugin-api/src/main/java/io/sluice/api/error/ErrorKind.java");

  private static final Pattern CONSTANT =
      Pattern.compile("/\\*\\*((?:(?!\\*/).)*)\\*/\\s+([A-Z_]+)\\(", Pattern.DOTALL);

  @Test
  void documentsEveryErrorKind() throws IOException {
    Map<ErrorKind, String> meanings = meanings();
    StringBuilder table =
        new StringBuilder(
            "| kind | status | grpc-status | Proxy-Status error | fault | what happened |\n");
    table.append("|---|---|---|---|---|---|\n");
    for (ErrorKind kind : ErrorKind.values()) {
      assertThat(meanings).containsKey(kind);
      String proxyStatus = kind.proxyStatus() == null ? "—" : "`" + kind.proxyStatus() + "`";
      table.append(
          "| `%s` | %s | %s | %s | %s | %s |\n"
              .formatted(
                  kind.label(),
                  kind.status(),
                  kind.grpcStatus(),
                  proxyStatus,
                  kind.source().name().toLowerCase(Locale.ROOT),
                  meanings.get(kind)));
    }

    DocTable.check("errors.md", table.toString());
  }

  private static Map<ErrorKind, String> meanings() throws IOException {
    Map<ErrorKind, String> meanings = new EnumMap<>(ErrorKind.class);
    Matcher matcher = CONSTANT.matcher(Files.readString(SOURCE));
    while (matcher.find()) {
      String text = matcher.group(1).replaceAll("\\s+\\*?\\s*", " ").strip();
      meanings.put(ErrorKind.valueOf(matcher.group(2)), text);
    }
    return meanings;
  }
}
