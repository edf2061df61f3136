/**
 * Writes one line of JSON for each exchange. Start reading at {@link
 * io.sluice.plugin.accesslogjson.JsonAccessLogFactory}, then {@code JsonAccessLog}; the way of a
 * line is {@code Field} → {@code JsonLine} → {@code ByteRing} → {@code LogWriter} → {@code
 * LogTarget}.
 */
@NullMarked
package io.sluice.plugin.accesslogjson;

import org.jspecify.annotations.NullMarked;
