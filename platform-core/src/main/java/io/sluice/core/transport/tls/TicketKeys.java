package io.sluice.core.transport.tls;

import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys that session tickets are sealed with (RFC 5077 §4): the newest seals, the one before
 * still opens. Shared by the certificates of a listener and carried over from one generation to the
 * next, so that neither a reload nor a renewed certificate makes clients start over.
 *
 * <p>Thread-safe.
 */
final class TicketKeys {

  private static final SecureRandom RANDOM = new SecureRandom();

  private final long rotateNanos;
  private final LongSupplier ticker;
  private byte[] newest = fresh();
  private byte @Nullable [] before;
  private long made;

  /**
   * Keys that are made here.
   *
   * @param rotateNanos how long one seals
   */
  TicketKeys(long rotateNanos, LongSupplier ticker) {
    this.rotateNanos = rotateNanos;
    this.ticker = ticker;
    this.made = ticker.getAsLong();
  }

  private static byte[] fresh() {
    byte[] key = new byte[OpenSslSessionTicketKey.TICKET_KEY_SIZE];
    RANDOM.nextBytes(key);
    return key;
  }

  /** Puts a new key first, if the newest is old enough; answers whether it did. */
  synchronized boolean rotateIfDue() {
    long now = ticker.getAsLong();
    long age = now - made;
    if (age < rotateNanos) {
      return false;
    }
    // After a pause of two turns nothing sealed with the newest may be opened either.
    before = age < 2 * rotateNanos ? newest : null;
    newest = fresh();
    made = now;
    return true;
  }

  /** Makes every ticket void: whoever they were given to must show who it is again. */
  synchronized void forget() {
    newest = fresh();
    before = null;
    made = ticker.getAsLong();
  }

  /** The one that seals first. */
  synchronized OpenSslSessionTicketKey[] keys() {
    byte[] old = before;
    return old == null
        ? new OpenSslSessionTicketKey[] {key(newest)}
        : new OpenSslSessionTicketKey[] {key(newest), key(old)};
  }

  private static OpenSslSessionTicketKey key(byte[] octets) {
    return new OpenSslSessionTicketKey(
        Arrays.copyOfRange(octets, 0, 16),
        Arrays.copyOfRange(octets, 16, 32),
        Arrays.copyOfRange(octets, 32, 48));
  }
}
