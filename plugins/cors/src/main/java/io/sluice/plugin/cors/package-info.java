/**
 * Lets pages of other origins read responses. Start reading at {@link
 * io.sluice.plugin.cors.CorsFactory}, then {@code CorsMiddleware}.
 */
@NullMarked
package io.sluice.plugin.cors;

import org.jspecify.annotations.NullMarked;
