package io.sluice.core.listener;

import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import io.sluice.core.http.Http2RequestReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The streams of an {@link Http2ClientConnection}: those in use, as many beside them as were in use
 * at once, and how those ended that were closed last. On the connection's event loop.
 */
final class Http2ClientStreams extends Http2ConnectionAdapter
    implements Http2RemoteFlowController.Listener {

  private final Http2ClientConnection connection;
  private final ClientSide client;
  private final Http2RequestReader reader;
  private final Http2Connection.PropertyKey key;
  private final ClosedStreams closed = new ClosedStreams();
  private final List<Http2ClientStream> live = new ArrayList<>();
  private final ArrayDeque<Http2ClientStream> spare = new ArrayDeque<>();
  private final List<Http2ClientStream> touched = new ArrayList<>();
  private boolean disposed;

  /** None yet. */
  Http2ClientStreams(Http2ClientConnection connection, ClientSide client) {
    this.connection = connection;
    this.client = client;
    this.reader = new Http2RequestReader(client.config().upgrades());
    this.key = connection.connection().newKey();
  }

  // ---- in use ----

  /** Whose stream {@code stream} is; null when it is nobody's, or not any more. */
  @Nullable Http2ClientStream of(Http2Stream stream) {
    return stream.getProperty(key);
  }

  /** Whether any is in use. */
  boolean inUse() {
    return !live.isEmpty();
  }

  /** One that is not in use: it comes into use, or back. */
  Http2ClientStream take() {
    Http2ClientStream kept = spare.poll();
    return kept == null ? new Http2ClientStream(connection, client, reader) : kept;
  }

  /** It came to nothing with the one that was taken. */
  void giveBack(Http2ClientStream taken) {
    if (taken.place < 0) {
      spare.push(taken);
    }
  }

  /** It serves {@code stream} from now on; answers whether no other is in use. */
  boolean use(Http2ClientStream taken, Http2Stream stream) {
    stream.setProperty(key, taken);
    taken.place = live.size();
    live.add(taken);
    return live.size() == 1;
  }

  /** Its stream and its exchange are over; answers whether it was in use. */
  boolean release(Http2ClientStream over) {
    int place = over.place;
    if (place < 0) {
      return false;
    }
    over.place = -1;
    Http2ClientStream moved = live.remove(live.size() - 1);
    if (moved != over) {
      live.set(place, moved);
      moved.place = place;
    }
    if (disposed) {
      over.dispose();
    } else {
      spare.push(over);
    }
    return true;
  }

  // ---- what happens to them ----

  /** Something came for it in this burst of reads. */
  void touch(Http2ClientStream stream) {
    if (!stream.touched) {
      stream.touched = true;
      touched.add(stream);
    }
  }

  /** The burst is over. */
  void readComplete() {
    for (int i = 0; i < touched.size(); i++) {
      Http2ClientStream each = touched.get(i);
      each.touched = false;
      each.readComplete();
    }
    touched.clear();
  }

  @Override
  public void writabilityChanged(Http2Stream stream) {
    Http2ClientStream known = of(stream);
    if (known != null) {
      known.onWritability(known.writable());
    }
  }

  @Override
  public void onStreamClosed(Http2Stream stream) {
    closed.closed(stream.id());
    Http2ClientStream known = of(stream);
    if (known != null) {
      stream.removeProperty(key);
      known.onClosed();
    }
  }

  /** We reset it. */
  void reset(int stream) {
    closed.reset(stream);
  }

  /** How one was closed. */
  ClosedStreams.How ended(int stream) {
    return closed.how(stream);
  }

  /** The client can send no more. */
  void inputEnded() {
    List.copyOf(live).forEach(Http2ClientStream::onInputEnded);
  }

  /** It cannot, and as much was written as the windows took. */
  void windowsFinal() {
    for (int i = live.size() - 1; i >= 0; i--) {
      if (i < live.size()) { // one that is over is replaced by the last
        live.get(i).onWindowsFinal();
      }
    }
  }

  /** The connection is gone, or about to be. */
  void connectionGone() {
    List.copyOf(live).forEach(Http2ClientStream::onConnectionGone);
  }

  /** The process ends. */
  void shutDown() {
    List.copyOf(live).forEach(Http2ClientStream::shutDown);
  }

  /** There will be no more of them. */
  void dispose() {
    disposed = true;
    spare.forEach(Http2ClientStream::dispose);
    spare.clear();
  }
}
