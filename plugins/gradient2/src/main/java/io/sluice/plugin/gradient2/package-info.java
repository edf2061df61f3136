/**
 * Learns how many attempts may run at once from how long they take. Start reading at {@link
 * io.sluice.plugin.gradient2.Gradient2Factory}, then {@code Gradient2}.
 */
@NullMarked
package io.sluice.plugin.gradient2;

import org.jspecify.annotations.NullMarked;
