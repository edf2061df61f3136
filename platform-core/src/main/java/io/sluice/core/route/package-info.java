/**
 * Which route serves a request. A list of routes is compiled into an index of hosts and paths that
 * answers what a scan of the list would: the first route that matches. Also what a route does to
 * the target of a request, and the answers that need no upstream. Start reading at {@link
 * io.sluice.core.route.RouteTable}.
 */
@NullMarked
package io.sluice.core.route;

import org.jspecify.annotations.NullMarked;
