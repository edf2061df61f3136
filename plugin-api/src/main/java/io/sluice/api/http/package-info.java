/**
 * HTTP semantics (RFC 9110) without a wire version: one set of types serves HTTP/1.1, HTTP/2 and
 * HTTP/3. Start reading at {@link io.sluice.api.http.RequestHead}.
 */
@NullMarked
package io.sluice.api.http;

import org.jspecify.annotations.NullMarked;
