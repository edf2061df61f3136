/**
 * Balances in turn, by weight. Start reading at {@link
 * io.sluice.plugin.roundrobin.RoundRobinFactory}, then {@code SmoothSequence}.
 */
@NullMarked
package io.sluice.plugin.roundrobin;

import org.jspecify.annotations.NullMarked;
