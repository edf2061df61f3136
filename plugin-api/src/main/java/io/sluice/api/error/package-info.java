/** The one error type of the proxy. Start reading at {@link io.sluice.api.error.ProxyError}. */
@NullMarked
package io.sluice.api.error;

import org.jspecify.annotations.NullMarked;
