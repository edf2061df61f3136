package io.sluice.plugin.healthcheckgrpc;

import io.sluice.api.config.ConfigSection;

/**
 * The keys of the {@code grpc} health check.
 *
 * @param service the service that is asked about; empty for the server as a whole
 * @param host the authority of the probe; empty for the endpoint's own address
 */
record GrpcHealthCheckConfig(String service, String host) {

  static GrpcHealthCheckConfig decode(ConfigSection config) {
    return new GrpcHealthCheckConfig(
        config
            .string("service")
            .describe("the service to ask about, as \"package.Service\"; empty: the whole server")
            .check(name -> name.length() <= 1024, "at most 1024 characters")
            .orElse(""),
        config
            .string("host")
            .describe("authority of the probe; the endpoint's own address when absent")
            .check(GrpcHealthCheckConfig::isAuthority, "a host name, with or without port")
            .optional()
            .orElse(""));
  }

  private static boolean isAuthority(String host) {
    return !host.isEmpty() && host.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }
}
