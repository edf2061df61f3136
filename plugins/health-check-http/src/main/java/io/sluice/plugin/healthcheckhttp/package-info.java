/**
 * Probes endpoints by HTTP. Start reading at {@link
 * io.sluice.plugin.healthcheckhttp.HttpHealthCheckFactory}.
 */
@NullMarked
package io.sluice.plugin.healthcheckhttp;

import org.jspecify.annotations.NullMarked;
