package io.sluice.core.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.sluice.api.upstream.ClientRequest;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.ForwardedLines;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.ParsedResponse;
import io.sluice.core.http.RequestWriter;
import org.jspecify.annotations.Nullable;

/**
 * One request to an endpoint and its response, whatever the protocol: a connection of HTTP/1.1 for
 * as long as it serves that request, or a stream of HTTP/2. Comes from a {@link LoopPool}, by way
 * of {@link ConnectionTaker#onConnection}, and is its taker's until the last call to its {@link
 * ResponseReceiver}, or until {@link #abort} or {@link #drain}. Everything is called on the pool's
 * event loop; nothing blocks.
 *
 * <p>The order is {@link #begin}, {@link #head}, any number of {@link #data}, {@link #end}, unless
 * {@code head} was the last of it. What is queued goes out with {@link #flush}. Where a call fails,
 * the receiver hears of it only after the call has returned.
 */
public interface UpstreamStream {

  /** The endpoint at the other end. */
  EndpointState endpoint();

  /** Begins a request whose response goes to {@code to}, its head into {@code target}. */
  void begin(ResponseReceiver to, ParsedResponse target, boolean toHead);

  /**
   * Queues the head, and content that goes out along with it.
   *
   * @param content the first of it, taken over, or null
   * @param last whether nothing follows: neither {@link #data} nor {@link #end} may be called
   */
  void head(
      RequestWriter writer,
      ParsedRequest request,
      ForwardedLines forwarded,
      @Nullable ByteBuf content,
      boolean last);

  /** Queues content, or octets of a tunnel; takes them over. Never empty. */
  void data(ByteBuf content);

  /** Ends the request: all of its content is queued. */
  void end(@Nullable ByteHeaders trailers);

  /**
   * Queues a whole request of the proxy's own, in place of {@link #head} and what follows it.
   *
   * @throws IllegalArgumentException when a part of it could be read as more than itself
   */
  void call(ClientRequest request);

  /** Sends what is queued. */
  void flush();

  /** Whether there is room for more content. */
  boolean writable();

  /** Zero where all that is queued went out; else another value each time that some more did. */
  long unsent();

  /** The response is to stop coming, once what is under way has been delivered. */
  void pause();

  /** The response may come again. */
  void resume();

  /** Ends the request in the middle: the receiver hears no more. */
  void abort();

  /** As {@link #abort}, and the endpoint does not take what it was sent for all of it. */
  void reset();

  /**
   * The response is not wanted: as {@link #abort}, but what serves the next request is kept where
   * that costs little.
   */
  void drain();

  /** Half-closes a tunnel towards the endpoint, behind what is queued. */
  void shutdownOutput();

  /**
   * Gives the connection away, where it was made for octets that nobody reads here: they are for
   * the handlers that the caller adds behind those that are there, and so is everything else that
   * happens, the end of the input on its own included.
   */
  Channel handOver();
}
