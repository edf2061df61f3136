/**
 * The command line: what {@code bin/sluice} runs. {@link io.sluice.distribution.cli.Main} makes the
 * {@link io.sluice.distribution.cli.World}, {@link io.sluice.distribution.cli.Cli} finds the
 * command, and a command either answers at once or runs a {@link
 * io.sluice.distribution.cli.Session} until a signal ends it.
 *
 * <p>Start reading at {@code Cli}. Results go to standard output, everything else to standard
 * error, so that an access log on standard output stays clean.
 */
@NullMarked
package io.sluice.distribution.cli;

import org.jspecify.annotations.NullMarked;
