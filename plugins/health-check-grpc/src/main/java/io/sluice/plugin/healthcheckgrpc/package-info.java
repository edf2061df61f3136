/**
 * Active health checks by the standard health service of gRPC, {@code grpc.health.v1.Health}. Start
 * reading at {@link io.sluice.plugin.healthcheckgrpc.GrpcHealthCheck}.
 */
@NullMarked
package io.sluice.plugin.healthcheckgrpc;

import org.jspecify.annotations.NullMarked;
