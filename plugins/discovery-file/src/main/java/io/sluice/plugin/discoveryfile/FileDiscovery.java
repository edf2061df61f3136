package io.sluice.plugin.discoveryfile;

import io.sluice.api.PluginContext;
import io.sluice.api.upstream.EndpointDiscovery;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a file at the start and whenever it changed: a little while after an event in its folder,
 * and at the next poll where the file system tells nothing (network file systems, links that lead
 * elsewhere). A file that cannot be read, is not valid, or changes while it is read leaves the
 * endpoints as they were. Files are read on threads that may block.
 */
final class FileDiscovery implements EndpointDiscovery {

  /** A list of a hundred thousand endpoints is smaller. */
  private static final long MAX_BYTES = 8 << 20;

  private static final Logger log = LoggerFactory.getLogger(FileDiscovery.class);

  /** What tells one content of a file from another without reading it. */
  private record Stamp(long modifiedNanos, long size, @Nullable Object fileKey) {

    static Stamp of(Path path) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return new Stamp(
          attributes.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS),
          attributes.size(),
          attributes.fileKey());
    }
  }

  private final FileDiscoveryConfig config;
  private final PluginContext context;
  private final AtomicBoolean reading = new AtomicBoolean();
  private @Nullable Listener listener;
  private @Nullable FolderWatch watch;
  private @Nullable Stamp known;
  private boolean unwatchable;
  private volatile boolean closed;

  FileDiscovery(FileDiscoveryConfig config, PluginContext context) {
    this.config = config;
    this.context = context;
  }

  @Override
  public void start(Listener newListener) {
    synchronized (this) {
      listener = newListener;
    }
    context.offload(
        () -> {
          openWatch();
          look(true);
          return null;
        });
    context.scheduleRepeatedly(
        config.poll(),
        config.poll(),
        () ->
            context.offload(
                () -> {
                  ensureWatch();
                  look(false);
                  return null;
                }));
  }

  private Path folder() {
    Path parent = config.path().toAbsolutePath().getParent();
    return parent == null ? config.path().toAbsolutePath() : parent;
  }

  private synchronized void openWatch() {
    if (closed) {
      return;
    }
    try {
      watch = new FolderWatch(folder(), this::happened);
      ensureWatch();
    } catch (IOException | UnsupportedOperationException e) {
      notWatched(e);
    }
  }

  private synchronized void ensureWatch() {
    FolderWatch open = watch;
    if (open == null || closed) {
      return;
    }
    try {
      open.ensure();
      unwatchable = false;
    } catch (IOException e) {
      notWatched(e);
    }
  }

  private void notWatched(Exception cause) {
    if (!unwatchable) {
      unwatchable = true;
      log.info(
          "{}: {} is not watched and only looked at every {} ms: {}",
          context.name(),
          folder(),
          config.poll().toMillis(),
          cause.toString());
    }
  }

  /** Several events close together are one. */
  private void happened() {
    if (!closed && reading.compareAndSet(false, true)) {
      context.schedule(
          config.debounce(),
          () -> {
            reading.set(false);
            context.offload(
                () -> {
                  look(true);
                  return null;
                });
          });
    }
  }

  /**
   * Reads the file if it changed.
   *
   * @param anyway even if its stamp is the same, as two writes within a tick of the file system's
   *     clock leave it
   */
  private synchronized void look(boolean anyway) {
    Listener told = listener;
    if (closed || told == null) {
      return;
    }
    try {
      Stamp before = Stamp.of(config.path());
      if (!anyway && before.equals(known)) {
        return;
      }
      List<EndpointSpec> found = read(before);
      if (!Stamp.of(config.path()).equals(before)) {
        known = null;
        happened();
        return;
      }
      known = before;
      told.onEndpoints(found);
    } catch (NoSuchFileException e) {
      refuse(told, config.path() + ": no such file", e);
    } catch (InvalidFile e) {
      refuse(told, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      refuse(told, config.path() + " cannot be read: " + e, e);
    }
  }

  /** The next poll reads it again, so that who asks how it does hears of the error still. */
  private void refuse(Listener told, String problem, Exception cause) {
    known = null;
    told.onError(problem, cause);
  }

  private List<EndpointSpec> read(Stamp stamp) throws IOException, InvalidFile {
    if (stamp.size() > MAX_BYTES) {
      throw new IOException("larger than " + MAX_BYTES + " bytes");
    }
    String text;
    try {
      text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(Files.readAllBytes(config.path())))
              .toString();
    } catch (CharacterCodingException e) {
      throw new IOException("not UTF-8", e);
    }
    String name = config.path().toString();
    return config.json() ? JsonFormat.parse(name, text) : LineFormat.parse(name, text);
  }

  @Override
  public void close() {
    closed = true;
    FolderWatch open;
    synchronized (this) {
      open = watch;
      watch = null;
      listener = null;
    }
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        log.warn("{}: the watch of {} did not close", context.name(), folder(), e);
      }
    }
  }
}
