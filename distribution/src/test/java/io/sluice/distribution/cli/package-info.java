/** Tests of the commands with an engine of their own. */
@NullMarked
package io.sluice.distribution.cli;

import org.jspecify.annotations.NullMarked;
