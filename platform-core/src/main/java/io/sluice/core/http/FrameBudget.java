package io.sluice.core.http;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the other end of an HTTP/2 connection, client or endpoint, may ask for that costs us more
 * than it. Frames that carry no message are allowed in proportion to the messages and content that
 * pass, so that nobody honest meets a bound however busy, and who only sends such frames soon does
 * (RFC 9113 §10.5).
 *
 * <ul>
 *   <li>PRIORITY and WINDOW_UPDATE: the bounds of Envoy ({@code max_inbound_priority_frames_per
 *       _stream}, {@code max_inbound_window_update_frames_per_data_frame_sent}) as its Http2
 *       ProtocolOptions give them.
 *   <li>Frames without payload that end nothing, in a row (CVE-2019-9518).
 *   <li>SETTINGS, PING, their acknowledgements, RST_STREAM and frames of unknown types
 *       (CVE-2019-9512, -9514, -9515): a bucket that each frame of a request or a response but 1xx
 *       fills by one.
 *   <li>Streams of a client that were reset before their response was whole, whoever reset them: by
 *       the client (rapid reset, CVE-2023-44487), or by us because of what it sent (CVE-2025-8671).
 *       A bucket that each response that was sent whole fills by one: half of all requests may be
 *       cancelled, which is the ratio that Envoy disconnects at.
 * </ul>
 *
 * <p>Belongs to the event loop of its connection. Where a method answers text, that is what to tell
 * the other end with {@code ENHANCE_YOUR_CALM}.
 */
public final class FrameBudget {

  /** The bucket of frames that concern the connection only, and what a second puts into it. */
  static final int CONTROL_FRAMES = 1000;

  static final int CONTROL_FRAMES_PER_SECOND = 100;

  /** The bucket of streams that were reset, and what a second puts into it. */
  static final int RESETS = 200;

  static final int RESETS_PER_SECOND = 10;

  /** Frames without payload in a row. */
  static final int EMPTY_FRAMES = 10;

  private static final int PRIORITIES_PER_STREAM = 100;

  private final LongSupplier nanoTime;
  private final Bucket control;
  private final Bucket resets;
  private long streams;
  private long contentFramesSent;
  private long priorities;
  private long windowUpdates;
  private int emptyInARow;

  /** A full budget. */
  public FrameBudget(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.control = new Bucket(CONTROL_FRAMES, CONTROL_FRAMES_PER_SECOND);
    this.resets = new Bucket(RESETS, RESETS_PER_SECOND);
  }

  /** A field section begins, theirs or ours. */
  public void headers() {
    streams++;
    emptyInARow = 0;
    control.earn();
  }

  /** The last section turned out to be a 1xx: it earns nothing, as there may be more of them. */
  public void informational() {
    streams--;
    control.spend();
  }

  /** Content came. */
  public void content() {
    emptyInARow = 0;
    control.earn();
  }

  /** Content was sent. */
  public void contentSent() {
    contentFramesSent++;
    control.earn();
  }

  /** A frame that has no payload and ends nothing. */
  public @Nullable String empty() {
    return ++emptyInARow > EMPTY_FRAMES ? "too many empty frames" : null;
  }

  /** SETTINGS, PING, RST_STREAM, or a frame of a type that nobody knows. */
  public @Nullable String control() {
    return control.spend() ? null : "too many control frames";
  }

  /** PRIORITY. */
  public @Nullable String priority() {
    return ++priorities > PRIORITIES_PER_STREAM * (1 + streams) ? "too many PRIORITY frames" : null;
  }

  /** WINDOW_UPDATE. */
  public @Nullable String windowUpdate() {
    return ++windowUpdates > 5 + 2 * (streams + 10 * contentFramesSent)
        ? "too many WINDOW_UPDATE frames"
        : null;
  }

  /** A stream was reset before its response was whole. */
  public @Nullable String reset() {
    return resets.spend() ? null : "too many streams reset";
  }

  /** A response was sent whole. */
  public void responded() {
    resets.earn();
  }

  private final class Bucket {
    private final int size;
    private final int perSecond;
    private int left;
    private long filledNanos;

    Bucket(int size, int perSecond) {
      this.size = size;
      this.perSecond = perSecond;
      this.left = size;
      this.filledNanos = nanoTime.getAsLong();
    }

    void earn() {
      if (left < size) {
        left++;
      }
    }

    boolean spend() {
      if (left == 0) {
        fill();
      }
      return left > 0 && left-- > 0;
    }

    /** Only looks at the clock when there is nothing left. */
    private void fill() {
      long now = nanoTime.getAsLong();
      long seconds = TimeUnit.NANOSECONDS.toSeconds(now - filledNanos);
      if (seconds > 0) {
        left = (int) Math.min(size, seconds * perSecond);
        filledNanos = now;
      }
    }
  }
}
