/** Rules that no single module can see: who may import whom. Start at {@code ImportRulesTest}. */
@NullMarked
package io.sluice.architecture;

import org.jspecify.annotations.NullMarked;
