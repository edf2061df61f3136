package io.sluice.plugin.discoveryfile;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import org.jspecify.annotations.Nullable;

/**
 * Tells that something happened in a folder: to any entry, as what matters may be the symbolic link
 * beside the file, which Kubernetes swaps. One daemon thread, which does nothing but wait. A folder
 * that is not there is watched as soon as {@link #ensure} finds it.
 */
final class FolderWatch implements AutoCloseable {

  private final Path folder;
  private final Runnable happened;
  private final WatchService service;
  private @Nullable WatchKey key;

  /**
   * Begins to wait.
   *
   * @param happened called on the thread of this watch; must be quick
   * @throws IOException when the system has no such thing, or no more of it
   */
  FolderWatch(Path folder, Runnable happened) throws IOException {
    this.folder = folder;
    this.happened = happened;
    this.service = folder.getFileSystem().newWatchService();
    Thread thread = new Thread(this::run, "sluice-discovery-file");
    thread.setDaemon(true);
    thread.start();
  }

  /** Watches the folder if it is there and is not watched, or another one has taken its place. */
  synchronized void ensure() throws IOException {
    WatchKey known = key;
    if (known == null || !known.isValid()) {
      key =
          folder.register(
              service,
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_MODIFY,
              StandardWatchEventKinds.ENTRY_DELETE);
    }
  }

  private void run() {
    try {
      while (true) {
        WatchKey signalled = service.take();
        signalled.pollEvents();
        signalled.reset();
        happened.run();
      }
    } catch (ClosedWatchServiceException e) {
      // close() was called: that is the end
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    service.close();
  }
}
