package io.sluice.api.cache;

import io.sluice.api.http.Chunk;
import io.sluice.api.http.Headers;
import io.sluice.api.http.RequestHead;
import io.sluice.api.http.ResponseHead;
import io.sluice.api.middleware.Exchange;
import io.sluice.api.middleware.Resumption;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests from stored responses (RFC 9111). One instance for each named cache; called on
 * every event loop; must not block. The core drives it: asks before the attempts, and feeds it with
 * what the attempts bring.
 *
 * <p>Thought through against an HTTP cache over a local or remote {@link CacheStore} with request
 * collapsing, and against a small full-page cache that keeps everything for a fixed time.
 */
public interface ResponseCache extends AutoCloseable {

  /**
   * Looks the request up.
   *
   * @param waiting for an answer that takes time (a remote store, or another exchange that is
   *     already fetching the same thing): return {@link Lookup.Wait} and use it later; the core
   *     then asks again
   */
  Lookup lookup(Exchange exchange, Resumption waiting);

  /** Removes what {@code selector} names; completes with how many responses that were. */
  CompletionStage<Long> purge(Selector selector);

  /** Nothing uses this cache any longer. */
  @Override
  default void close() {}

  /** What a look-up leads to. */
  sealed interface Lookup {

    /** Not to be answered from or stored in this cache. */
    record Bypass(String reason) implements Lookup {}

    /** Not there: fetch, and feed {@code fill}. */
    record Miss(Fill fill) implements Lookup {}

    /**
     * There and fresh; or stale and allowed to be served so (RFC 5861 stale-while-revalidate), and
     * then {@code refresh} is a fill that the core feeds from an attempt in the background.
     */
    record Hit(Stored stored, @Nullable Refresh refresh) implements Lookup {}

    /**
     * There but stale: ask the endpoint with the conditions of {@code refresh}; on 304 serve {@code
     * stored}; on a failure serve it too if {@code mayServeOnError} (stale-if-error).
     */
    record Revalidate(Stored stored, Refresh refresh, boolean mayServeOnError) implements Lookup {}

    /** The answer comes by the resumption. */
    record Wait() implements Lookup {}
  }

  /** A stored response, streamed as the client takes it. */
  interface Stored {
    /** The status. */
    int status();

    /** The header section to send, Age included. */
    Headers headers();

    /** The length of the content in octets. */
    long length();

    /**
     * Hands out content from {@code offset} on, at most {@code maxBytes}; the receiver releases the
     * chunk. Completes at once where it is in memory; null ends the content.
     */
    CompletionStage<@Nullable Chunk> read(long offset, int maxBytes);

    /** The core is done with it. */
    void close();
  }

  /** A revalidation: the conditions to send, and what to do with the answer. */
  interface Refresh extends Fill {
    /** Puts If-None-Match and If-Modified-Since on an attempt's head. */
    void condition(RequestHead head);

    /** A 304 came: freshens what is stored (RFC 9111 §4.3.4). */
    void onNotModified(ResponseHead head);
  }

  /** Takes a response as it passes. Ends with exactly one of onEnd and onAbort. */
  interface Fill {
    /**
     * The head came; answers whether the content is wanted. After {@code false} nothing follows.
     */
    boolean onHead(ResponseHead head);

    /** Content, borrowed for the length of the call. */
    void onChunk(Chunk chunk);

    /** The response is whole. */
    void onEnd(@Nullable Headers trailers);

    /** It broke off, or nobody waits for it. Wakes those who collapsed onto it. */
    void onAbort();
  }

  /** What to purge: exactly one of the three is given. */
  sealed interface Selector {
    /** One URL in every variant. */
    record Url(String url) implements Selector {}

    /** Every URL that begins so. */
    record Prefix(String prefix) implements Selector {}

    /** Every response that carries one of these tags (Surrogate-Key, Cache-Tag). */
    record Tags(List<String> tags) implements Selector {}
  }
}
