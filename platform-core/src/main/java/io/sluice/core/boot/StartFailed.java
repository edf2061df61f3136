package io.sluice.core.boot;

import org.jspecify.annotations.Nullable;

/** The configuration is valid, but something it needs cannot be had. The message is one line. */
public final class StartFailed extends Exception {

  private static final long serialVersionUID = 1L;

  StartFailed(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
