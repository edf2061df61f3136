/**
 * Probes endpoints by connecting. Start reading at {@link
 * io.sluice.plugin.healthchecktcp.TcpHealthCheckFactory}.
 */
@NullMarked
package io.sluice.plugin.healthchecktcp;

import org.jspecify.annotations.NullMarked;
