package io.sluice.api.cache;

import io.sluice.api.http.Chunk;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Keeps entries of octets for response caches: in memory, on disk, in Redis. May be called from any
 * thread; must not block. A store that cannot answer completes exceptionally, and the cache passes
 * by.
 */
public interface CacheStore extends AutoCloseable {

  /** The entry of {@code key}, or null. The caller closes it. */
  CompletionStage<@Nullable Entry> get(String key);

  /**
   * Begins an entry. It becomes visible at {@link Writer#commit}, all at once.
   *
   * @param meta what the cache needs to know before the content; opaque to the store
   * @param lifetime after which it may be dropped
   * @param tags names by which it may be removed
   * @param length of the content in octets, or −1 when not known
   */
  Writer put(String key, byte[] meta, Duration lifetime, List<String> tags, long length);

  /** Puts other meta in place, keeping the content. Completes with whether the entry was there. */
  CompletionStage<Boolean> refresh(String key, byte[] meta, Duration lifetime);

  /** Removes one entry. Completes with how many went. */
  CompletionStage<Long> remove(String key);

  /** Removes every entry whose key begins so. Completes with how many went. */
  CompletionStage<Long> removePrefix(String prefix);

  /** Removes every entry with one of these tags. Completes with how many went. */
  CompletionStage<Long> removeTagged(List<String> tags);

  /** Nothing uses this store any longer. */
  @Override
  default void close() {}

  /** A stored entry. */
  interface Entry extends AutoCloseable {
    /** What {@link #put} was given. */
    byte[] meta();

    /** Octets of content. */
    long length();

    /** Content from {@code offset} on, at most {@code maxBytes}; null at the end. */
    CompletionStage<@Nullable Chunk> read(long offset, int maxBytes);

    /** Lets the store drop it. */
    @Override
    void close();
  }

  /** An entry being written. Ends with exactly one of commit and abort. */
  interface Writer {
    /** Adds content; the chunk is borrowed. Answers false when the store wants no more of it. */
    boolean write(Chunk chunk);

    /** Makes the entry visible. */
    void commit();

    /** Forgets it. */
    void abort();
  }
}
