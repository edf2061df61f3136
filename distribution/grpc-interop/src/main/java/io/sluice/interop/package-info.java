/**
 * Runs the interop cases of gRPC against any server: many of them in one JVM. Start at {@link
 * io.sluice.interop.Cases}.
 */
@NullMarked
package io.sluice.interop;

import org.jspecify.annotations.NullMarked;
