/**
 * Lets browsers, whose scripts see no trailers, call gRPC. Start reading at {@link
 * io.sluice.plugin.grpcweb.GrpcWebFactory}, then {@code GrpcWebMiddleware}.
 */
@NullMarked
package io.sluice.plugin.grpcweb;

import org.jspecify.annotations.NullMarked;
