package io.sluice.core.transport.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import org.jspecify.annotations.Nullable;

/** By which library TLS is spoken. */
public enum TlsProvider {
  /** BoringSSL where it is there, the JDK elsewhere. */
  AUTO,
  /** BoringSSL through JNI: Linux and macOS, x86-64 and ARM64. */
  BORINGSSL,
  /** The JDK's own. No shared ticket keys, no OCSP stapling, and several times the CPU time. */
  JDK;

  /** What {@link #AUTO} stands for on this machine; itself for the others. */
  public TlsProvider resolved() {
    if (this != AUTO) {
      return this;
    }
    return OpenSsl.isAvailable() ? BORINGSSL : JDK;
  }

  /** Why it cannot be used on this machine, or null when it can. */
  public @Nullable String unavailable() {
    if (this != BORINGSSL || OpenSsl.isAvailable()) {
      return null;
    }
    Throwable cause = OpenSsl.unavailabilityCause();
    return cause == null || cause.getMessage() == null ? String.valueOf(cause) : cause.getMessage();
  }

  /** For the log: the library with its version. */
  public String describe() {
    return resolved() == BORINGSSL
        ? OpenSsl.versionString()
        : "the JDK's (" + System.getProperty("java.version") + ")";
  }

  /** Whether OCSP responses can be stapled. */
  boolean staples() {
    return resolved() == BORINGSSL && OpenSsl.isOcspSupported();
  }

  /** Whether clients can be kept from taking up sessions again. */
  boolean resumesAtWill() {
    return resolved() == BORINGSSL;
  }

  SslProvider netty() {
    return resolved() == BORINGSSL ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
  }
}
