/**
 * Edits header sections. Start reading at {@link io.sluice.plugin.headers.HeadersFactory}, then
 * {@code HeaderEdits}.
 */
@NullMarked
package io.sluice.plugin.headers;

import org.jspecify.annotations.NullMarked;
