/**
 * Endpoints, who of them may serve, and the connections to them. Start reading at {@link
 * io.sluice.core.upstream.Upstream}.
 */
@NullMarked
package io.sluice.core.upstream;

import org.jspecify.annotations.NullMarked;
