package io.sluice.core.listener;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a Unix-domain socket of ours. It outlives a process that was killed; and its name may
 * come to be another's, for whoever may write its folder can replace it.
 */
final class SocketFile {

  private static final Logger log = LoggerFactory.getLogger(SocketFile.class);

  private final Path path;

  /** Which file it is, on which device; null where that cannot be told. */
  private final @Nullable Object identity;

  private SocketFile(Path path, @Nullable Object identity) {
    this.path = path;
    this.identity = identity;
  }

  /**
   * Takes away a file that nobody listens on. Never on an event loop.
   *
   * @throws IOException when somebody does, or that cannot be told, or it is no socket
   */
  static void makeWay(String name) throws IOException {
    Path path = Path.of(name);
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!attributes(path).isOther()) {
      throw new IOException(name + " exists and is no socket");
    }
    if (isServed(path)) {
      throw new IOException("Address already in use");
    }
    Files.deleteIfExists(path);
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  /** Does not wait where its queue is full: then it is served. */
  private static boolean isServed(Path path) throws IOException {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false);
      probe.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (ConnectException e) {
      return false; // refused: who made it is gone
    } catch (IOException e) {
      if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        return false;
      }
      throw new IOException(
          path + " exists, and may be served by somebody else (" + e.getMessage() + ")", e);
    }
  }

  /** The file of a socket that was bound just now. */
  static SocketFile bound(String name) {
    Path path = Path.of(name);
    Object identity = null;
    try {
      identity = attributes(path).fileKey();
    } catch (IOException e) {
      log.warn("cannot look at {}, which will stay behind", name, e);
    }
    return new SocketFile(path, identity);
  }

  /** Takes it away before its socket is closed, unless it is another one by now. */
  void remove() {
    if (identity == null) {
      return;
    }
    try {
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
          && identity.equals(attributes(path).fileKey())) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      log.warn("cannot remove {}", path, e);
    }
  }
}
