package io.sluice.core.boot;

import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** The configuration is valid, but something it needs cannot be had. The message is one line. */
public final class StartFailed extends Exception {

  private static final long serialVersionUID = 1L;

  StartFailed(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** What a message says of {@code cause}. */
  static String reason(Throwable cause) {
    if (cause instanceof NoSuchFileException) {
      return "no such file";
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
