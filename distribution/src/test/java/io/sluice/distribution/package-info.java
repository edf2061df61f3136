/**
 * System tests: the unpacked zip as a process of its own, with real sockets on both sides. {@link
 * io.sluice.distribution.Installation} unpacks it, {@link io.sluice.distribution.SluiceProcess}
 * runs it, {@link io.sluice.distribution.ScriptedEndpoint} stands behind it.
 */
@NullMarked
package io.sluice.distribution;

import org.jspecify.annotations.NullMarked;
