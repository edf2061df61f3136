package io.sluice.core.listener;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file of a Unix-domain socket, which outlives a process that was killed. */
final class SocketFile {

  private static final Logger log = LoggerFactory.getLogger(SocketFile.class);

  private SocketFile() {}

  /**
   * Takes away a file that nobody listens on. Blocks for a moment; never on an event loop.
   *
   * @throws IOException when somebody does, or it is no socket
   */
  static void makeWay(String name) throws IOException {
    Path path = Path.of(name);
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .isOther()) {
      throw new IOException(name + " exists and is no socket");
    }
    if (isServed(path)) {
      throw new IOException("Address already in use");
    }
    Files.deleteIfExists(path);
  }

  private static boolean isServed(Path path) {
    try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return probe.isConnected();
    } catch (IOException e) {
      return false; // refused: who made it is gone
    }
  }

  /** Takes the file of a closed socket away. */
  static void remove(String name) {
    try {
      Files.deleteIfExists(Path.of(name));
    } catch (IOException e) {
      log.warn("cannot remove {}", name, e);
    }
  }
}
