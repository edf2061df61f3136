package io.sluice.core.transport.tls;

import java.util.Arrays;
import java.util.List;

/** The versions spoken. TLS 1.0 and 1.1 are not (RFC 8996). */
public enum TlsVersion {
  /** RFC 5246. */
  TLS_1_2("TLSv1.2"),
  /** RFC 8446. */
  TLS_1_3("TLSv1.3");

  /** What {@link #parse} accepts, for messages. */
  public static final String EXPECTED = "\"TLSv1.2\" or \"TLSv1.3\"";

  private final String text;

  TlsVersion(String text) {
    this.text = text;
  }

  /**
   * Reads a version.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static TlsVersion parse(String text) {
    for (TlsVersion version : values()) {
      if (version.text.equals(text)) {
        return version;
      }
    }
    throw new IllegalArgumentException("\"" + text + "\" is not spoken");
  }

  /** As in the configuration. */
  public String text() {
    return text;
  }

  /** This one and the later ones. */
  List<String> upwards() {
    return Arrays.stream(values()).filter(v -> v.compareTo(this) >= 0).map(v -> v.text).toList();
  }
}
