package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The files of Unix-domain sockets. */
@EnabledOnOs(OS.LINUX)
class UnixSocketTest {

  @TempDir Path folder;

  private Proxy start(Path file) {
    return Proxy.start(
        "listeners.web.bind = \"unix:" + file + "\"\nroutes = [ { respond.status = 204 } ]");
  }

  @Test
  void aFileGoesWithItsListener() {
    Path file = folder.resolve("a.sock");
    try (Proxy proxy = start(file)) {
      assertThat(proxy.metrics("sluice_")).isNotEmpty();
      assertThat(file).exists();
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void aFileThatBecameAnothersStays() throws IOException {
    Path file = folder.resolve("a.sock");
    try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      try (Proxy proxy = start(file)) {
        assertThat(proxy.metrics("sluice_")).isNotEmpty();
        Files.delete(file);
        other.bind(UnixDomainSocketAddress.of(file));
      }
      assertThat(file).exists();
    }
  }
}
