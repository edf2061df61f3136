package io.sluice.core.observe;

/**
 * Labels for status codes, bounded: the codes that IANA has registered, {@code other} for the rest,
 * {@code none} where no response head was sent.
 */
public final class StatusLabels {

  private static final int[] REGISTERED = {
    100, 101, 102, 103, 104, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303,
    304, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414,
    415, 416, 417, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505,
    506, 507, 508, 510, 511
  };

  private static final String[] LABELS = new String[REGISTERED.length + 2];
  private static final int NONE = REGISTERED.length;
  private static final int OTHER = REGISTERED.length + 1;
  private static final byte[] INDEX = new byte[600];

  static {
    java.util.Arrays.fill(INDEX, (byte) OTHER);
    for (int i = 0; i < REGISTERED.length; i++) {
      INDEX[REGISTERED[i]] = (byte) i;
      LABELS[i] = Integer.toString(REGISTERED[i]);
    }
    INDEX[0] = (byte) NONE;
    LABELS[NONE] = "none";
    LABELS[OTHER] = "other";
  }

  private StatusLabels() {}

  /** The label of a status; 0 stands for no head sent. */
  public static String of(int status) {
    return LABELS[index(status)];
  }

  /** How many labels there are. */
  static int count() {
    return LABELS.length;
  }

  /** A number from 0 to {@link #count} − 1 for the label of a status. */
  static int index(int status) {
    return status >= 0 && status < INDEX.length ? INDEX[status] : OTHER;
  }
}
