package io.sluice.plugin.accesslogjson;

import io.sluice.api.config.ConfigSection;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Appends to a file. Before it would outgrow its bound it is renamed to {@code FILE.1}, {@code
 * FILE.1} to {@code FILE.2} and so on, and a new one is begun; a line is never torn by that. A file
 * that someone else renamed or deleted is noticed within a second and begun anew, so logrotate
 * needs no signal.
 */
final class RotatingFile implements LogTarget {

  private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Path file;
  private final long maxBytes;
  private final int keep;
  private final LongSupplier ticker;

  private @Nullable OutputStream out;
  private @Nullable Object fileKey;
  private long size;
  private long checkedNanos;
  private boolean lineComplete = true;

  /**
   * @param maxBytes the bound, or {@link ConfigSection#UNLIMITED}
   * @param keep how many renamed files stay
   */
  RotatingFile(Path file, long maxBytes, int keep, LongSupplier ticker) {
    this.file = file;
    this.maxBytes = maxBytes;
    this.keep = keep;
    this.ticker = ticker;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    OutputStream stream = current();
    if (lineComplete && size > 0 && length > maxBytes - size) {
      close();
      putAside();
      stream = current();
    }
    try {
      stream.write(bytes, offset, length);
    } catch (IOException e) {
      // A full disk or a lost mount: the next write opens the file again.
      close();
      throw e;
    }
    size += length;
    lineComplete = bytes[offset + length - 1] == '\n';
  }

  private OutputStream current() throws IOException {
    long now = ticker.getAsLong();
    if (out != null && lineComplete && now - checkedNanos >= CHECK_NANOS) {
      checkedNanos = now;
      if (!Objects.equals(fileKey, keyOnDisk())) {
        close();
      }
    }
    OutputStream stream = out;
    if (stream == null) {
      stream = open();
      out = stream;
      checkedNanos = now;
    }
    return stream;
  }

  private OutputStream open() throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    OutputStream stream = new FileOutputStream(file.toFile(), true);
    size = Files.size(file);
    fileKey = keyOnDisk();
    lineComplete = true;
    return stream;
  }

  /**
   * The identity of what stands under the name now; null for nothing, or where there is no such.
   */
  private @Nullable Object keyOnDisk() throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      Object key = attributes.fileKey();
      return key == null ? file : key;
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private void putAside() throws IOException {
    if (keep == 0) {
      Files.deleteIfExists(file);
      return;
    }
    for (int i = keep - 1; i >= 1; i--) {
      if (Files.exists(aside(i))) {
        Files.move(aside(i), aside(i + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(file, aside(1), StandardCopyOption.REPLACE_EXISTING);
  }

  private Path aside(int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  @Override
  public void close() throws IOException {
    OutputStream stream = out;
    out = null;
    if (stream != null) {
      stream.close();
    }
  }
}
