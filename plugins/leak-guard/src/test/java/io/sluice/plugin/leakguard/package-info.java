/** Tests of the leak guard. */
@NullMarked
package io.sluice.plugin.leakguard;

import org.jspecify.annotations.NullMarked;
