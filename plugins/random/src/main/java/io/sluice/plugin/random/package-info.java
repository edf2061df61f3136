/**
 * Balances by chance, by weight. Start reading at {@link io.sluice.plugin.random.RandomFactory},
 * then {@code AliasTable}.
 */
@NullMarked
package io.sluice.plugin.random;

import org.jspecify.annotations.NullMarked;
