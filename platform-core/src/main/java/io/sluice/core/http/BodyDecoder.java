package io.sluice.core.http;

import io.netty.buffer.ByteBuf;
import io.sluice.api.error.ErrorKind;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the content of one HTTP/1.1 message out of the octets that follow its head (RFC 9112 §6,
 * §7). One decoder serves all messages of a connection, one after the other; it is used on that
 * connection's event loop and allocates nothing but trailers.
 *
 * <p>Octets may arrive cut anywhere. What stands behind the content is left in the input: it begins
 * the next message.
 *
 * <p>The chunked coding is read to the letter. A size is one to sixteen hex digits; lines end in CR
 * LF; white space is refused where the grammar has it only for the bad senders of old; chunk
 * extensions must be well formed, are bounded, and go no further; trailer fields that would change
 * how the message was read are refused or dropped.
 */
public final class BodyDecoder {

  /** Takes the content. May {@link #reset} the decoder in {@link #onEnd}. */
  public interface Sink {

    /** Takes some octets, at least one: a slice that the receiver releases. */
    void onData(ByteBuf data);

    /**
     * The content is complete. Not called for a message that has none.
     *
     * @param trailers the trailer section, valid until the next {@link #reset}, or null without one
     */
    void onEnd(@Nullable ByteHeaders trailers);
  }

  /** What all the chunk extensions of a message may take, in bytes. */
  static final int MAX_EXTENSION_BYTES = 16 * 1024;

  private enum State {
    DONE,
    LENGTH,
    UNTIL_CLOSE,
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    TRAILERS,
    BROKEN
  }

  private final ErrorKind malformed;
  private final ChunkLine line = new ChunkLine(MAX_EXTENSION_BYTES);
  private final TrailerLines trailers;

  private State state = State.DONE;

  /** Octets that are still to come: of the content, or of the current chunk. */
  private long remaining;

  /** Octets that the content may still have. */
  private long budget;

  /**
   * A decoder that expects nothing until {@link #reset}.
   *
   * @param malformed the kind of every error but too much content: {@link ErrorKind#BAD_REQUEST} or
   *     {@link ErrorKind#BAD_RESPONSE}
   * @param maxTrailerBytes how large a trailer section may be
   */
  public BodyDecoder(ErrorKind malformed, int maxTrailerBytes) {
    this.malformed = malformed;
    this.trailers = new TrailerLines(maxTrailerBytes);
  }

  /**
   * Begins the content of the next message.
   *
   * @param length the Content-Length for {@link Framing#LENGTH}, not negative; else not looked at
   * @param maxBytes how large the content may be; {@code Long.MAX_VALUE} for no bound
   * @throws FramingException {@link ErrorKind#BODY_TOO_LARGE} when {@code length} is over it
   *     already
   */
  public void reset(Framing framing, long length, long maxBytes) {
    budget = maxBytes;
    remaining = 0;
    switch (framing) {
      case NONE -> state = State.DONE;
      case UNTIL_CLOSE -> state = State.UNTIL_CLOSE;
      case CHUNKED -> {
        state = State.CHUNK_SIZE;
        line.begin();
        line.beginSize();
        trailers.begin();
      }
      case LENGTH -> {
        state = length == 0 ? State.DONE : State.LENGTH;
        expect(length);
      }
    }
  }

  /** Octets that are known to be still to come: of the content, or of the current chunk. */
  public long remaining() {
    return remaining;
  }

  /** Whether the message is complete. */
  public boolean done() {
    return state == State.DONE;
  }

  /**
   * Takes the octets of this content out of {@code in}, which stays the caller's, and leaves the
   * rest. A sink that throws ends the call with the decoder ready to go on.
   *
   * @throws FramingException when the framing is broken or the content too large; every later call
   *     throws too
   */
  public void decode(ByteBuf in, Sink sink) {
    while (state != State.DONE && in.isReadable()) {
      switch (state) {
        case LENGTH, CHUNK_DATA -> data(in, sink);
        case UNTIL_CLOSE -> untilClose(in, sink);
        case CHUNK_SIZE -> chunkSize(in);
        case CHUNK_EXTENSION -> chunkExtension(in);
        case CHUNK_SIZE_LF -> chunkSizeLineFeed(in);
        case CHUNK_DATA_CR -> expect(in, '\r', State.CHUNK_DATA_LF);
        case CHUNK_DATA_LF -> {
          expect(in, '\n', State.CHUNK_SIZE);
          line.beginSize();
        }
        case TRAILERS -> trailers(in, sink);
        case BROKEN -> throw broken("the connection is broken already");
        case DONE -> throw new AssertionError();
      }
    }
  }

  /**
   * Tells that no more octets will come.
   *
   * @throws FramingException when the content is not complete
   */
  public void inputClosed(Sink sink) {
    if (state == State.UNTIL_CLOSE) {
      state = State.DONE;
      sink.onEnd(null);
    } else if (state != State.DONE) {
      throw broken("the body ends early");
    }
  }

  private void data(ByteBuf in, Sink sink) {
    int count = (int) Math.min(remaining, in.readableBytes());
    remaining -= count;
    boolean last = false;
    if (remaining == 0) {
      last = state == State.LENGTH;
      state = last ? State.DONE : State.CHUNK_DATA_CR;
    }
    sink.onData(in.readRetainedSlice(count));
    if (last) {
      sink.onEnd(null);
    }
  }

  private void untilClose(ByteBuf in, Sink sink) {
    int count = in.readableBytes();
    takeBudget(count);
    sink.onData(in.readRetainedSlice(count));
  }

  private void chunkSize(ByteBuf in) {
    while (in.isReadable()) {
      byte octet = in.readByte();
      if (line.digit(octet)) {
        continue;
      }
      if (!line.sized()) {
        throw broken("a chunk size is not a number");
      }
      if (octet == '\r') {
        state = State.CHUNK_SIZE_LF;
      } else if (octet == ';') {
        line.beginExtension();
        state = State.CHUNK_EXTENSION;
      } else {
        throw broken("a chunk size is not a number");
      }
      return;
    }
  }

  private void chunkExtension(ByteBuf in) {
    while (in.isReadable()) {
      byte octet = in.readByte();
      if (octet == '\r' && line.extensionMayEnd()) {
        state = State.CHUNK_SIZE_LF;
        return;
      }
      if (!line.extension(octet)) {
        throw broken("a chunk extension is malformed or too long");
      }
    }
  }

  private void chunkSizeLineFeed(ByteBuf in) {
    long size = line.size();
    expect(in, '\n', size == 0 ? State.TRAILERS : State.CHUNK_DATA);
    expect(size);
  }

  private void trailers(ByteBuf in, Sink sink) {
    String problem = trailers.read(in);
    if (problem != null) {
      throw broken(problem);
    }
    if (trailers.complete()) {
      state = State.DONE;
      sink.onEnd(trailers.fields());
    }
  }

  private void expect(ByteBuf in, char wanted, State next) {
    if (in.readByte() != wanted) {
      throw broken("a chunk does not end in CR LF");
    }
    state = next;
  }

  private void expect(long octets) {
    takeBudget(octets);
    remaining = octets;
  }

  private void takeBudget(long octets) {
    if (octets > budget) {
      state = State.BROKEN;
      throw new FramingException(ErrorKind.BODY_TOO_LARGE, "the body is too large");
    }
    budget -= octets;
  }

  private FramingException broken(String reason) {
    state = State.BROKEN;
    return new FramingException(malformed, reason);
  }
}
