package io.sluice.core.upstream;

import io.sluice.api.error.ErrorKind;

/** Who is told what becomes of an {@link Http2EndpointConnection}. On its event loop. */
interface Http2Owner {

  /** The endpoint's SETTINGS came: it speaks HTTP/2, and its limits are known. */
  void onReady(Http2EndpointConnection connection);

  /** It ended before that. The last call. */
  void onUnusable(Http2EndpointConnection connection, ErrorKind kind);

  /** It may serve one more request than before, or none at all any longer. */
  void onRoom(Http2EndpointConnection connection);

  /** It is gone, after it was ready. The last call. */
  void onClosed(Http2EndpointConnection connection);
}
