/**
 * Fails a test run in which Netty reported a leaked buffer.
 *
 * <p>For the tests of this project and of plugins that handle Netty types; it is not a plugin and
 * is never shipped. {@link io.sluice.plugin.leakguard.RecordingLeakDetector} writes every report to
 * a list, {@link io.sluice.plugin.leakguard.LeakGuard} reads that list after each test class and,
 * after a forced collection, at the end of the run. Start at {@code LeakGuard}.
 */
@NullMarked
package io.sluice.plugin.leakguard;

import org.jspecify.annotations.NullMarked;
